/** The same tool through the first version of the SDK, stateless. Argument: the port. */
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { z } from "zod";

const options = { hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen() {} };
Deno.serve(options, async (request) => {
  const server = new McpServer({ name: "adder", version: "1.0.0" });
  server.registerTool("add", {
    description: "Add two numbers",
    inputSchema: { a: z.number(), b: z.number() },
    outputSchema: { sum: z.number() },
  }, ({ a, b }: { a: number; b: number }) => {
    const structuredContent = { sum: a + b };
    const content = [{ type: "text" as const, text: JSON.stringify(structuredContent) }];
    return { content, structuredContent };
  });
  const transport = new WebStandardStreamableHTTPServerTransport({});
  await server.connect(transport);
  return await transport.handleRequest(request);
});
