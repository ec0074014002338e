/** An MCP server of 2025-06-18 over its standard streams, without any package. */
import { createInterface } from "node:readline";

const [mode] = Deno.args;
if (mode === "broken") {
  console.error("reading the configuration\nno configuration");
  Deno.exit(3);
}

interface Message {
  readonly id?: number;
  readonly method: string;
  readonly params?: { readonly name?: string };
}

function respond(id: number | undefined, answer: Record<string, unknown>): void {
  console.log(JSON.stringify({ jsonrpc: "2.0", id, ...answer }));
}

function call(id: number | undefined, name: string | undefined): void {
  switch (name) {
    case "about":
      return respond(id, {
        result: { content: [], structuredContent: { pid: Deno.pid, env: Deno.env.toObject() } },
      });
    case "exit":
      console.error("told to go");
      Deno.exit(7);
  }
}

for await (const line of createInterface({ input: (await import("node:process")).stdin })) {
  const { id, method, params }: Message = JSON.parse(line);
  switch (method) {
    case "initialize":
      console.error("here I am");
      respond(id, {
        result: {
          protocolVersion: "2025-06-18",
          capabilities: { tools: {} },
          serverInfo: { name: "stdio", version: "0.1.0" },
        },
      });
      break;
    case "tools/list":
      respond(id, {
        result: {
          tools: ["about", "exit", "wait"].map((name) => ({
            name,
            inputSchema: { type: "object" },
          })),
        },
      });
      break;
    case "tools/call":
      call(id, params?.name);
      break;
    case "notifications/cancelled":
      console.error("cancelled");
      break;
    case "server/discover":
      // As servers do that take anything before `initialize` for the end.
      if (mode === "fragile") Deno.exit(1);
      respond(id, { error: { code: -32601, message: "Method not found" } });
  }
}
