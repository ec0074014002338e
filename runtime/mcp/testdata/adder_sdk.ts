/** The same tool as the SDK's documentation has it served. Argument: the port. */
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

const handler = createMcpHandler(() => {
  const server = new McpServer({ name: "adder", version: "1.0.0" });
  server.registerTool("add", {
    description: "Add two numbers",
    inputSchema: z.object({ a: z.number(), b: z.number() }),
    outputSchema: z.object({ sum: z.number() }),
  }, ({ a, b }) => {
    const structuredContent = { sum: a + b };
    const content = [{ type: "text" as const, text: JSON.stringify(structuredContent) }];
    return { content, structuredContent };
  });
  return server;
});
const options = { hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen() {} };
Deno.serve(options, (request) => handler.fetch(request));
