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
  readonly params?: {
    readonly name?: string;
    readonly _meta?: { readonly progressToken?: number };
  };
}

function respond(id: number | undefined, answer: Record<string, unknown>): void {
  console.log(JSON.stringify({ jsonrpc: "2.0", id, ...answer }));
}

function call({ id, params }: Message): void {
  switch (params?.name) {
    case "report": {
      const progressToken = params._meta?.progressToken;
      const notify = (progress: number) =>
        JSON.stringify({
          jsonrpc: "2.0",
          method: "notifications/progress",
          params: { progressToken, progress },
        });
      const line = JSON.stringify({
        jsonrpc: "2.0",
        method: "notifications/message",
        params: { level: "info", data: "reported" },
      });
      const answer = JSON.stringify({ jsonrpc: "2.0", id, result: { content: [] } });
      // In one piece, as they are when they follow each other closely.
      console.log([notify(1), notify(2), line, answer].join("\n"));
      return;
    }
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
  const message: Message = JSON.parse(line);
  const { id, method } = message;
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
          tools: ["about", "exit", "report", "wait"].map((name) => ({
            name,
            inputSchema: { type: "object" },
          })),
        },
      });
      break;
    case "tools/call":
      call(message);
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
