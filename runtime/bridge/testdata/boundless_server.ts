/**
 * An MCP server that says more than fits, as its tools are called: `<where>-<deep or long>-<how much>`.
 * Its messages are text, because no writer of JSON writes all of them. Over its standard streams when
 * it is run.
 */

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: {
    readonly name?: string;
    readonly _meta?: { readonly progressToken?: string | number };
  };
}

const MIB = 1024 * 1024;
const INFO = {
  protocolVersion: "2025-06-18",
  capabilities: { tools: {}, prompts: {}, logging: {} },
  serverInfo: { name: "boundless", version: "1.0.0" },
};
const FINE = { content: [{ type: "text", text: "fine" }] };

/** Stands in a message where what does not fit is to be. */
const PLACE = "<here>";

/** The names of its tools; `deep`, which it lists too, cannot be shown. */
export const TOOLS = [
  "fine",
  "result-deep-150",
  "result-deep-201",
  "result-deep-5000",
  "result-deep-100000",
  "result-long-33",
  "error-deep-201",
  "error-deep-100000",
  "log-deep-201",
  "log-deep-100000",
  "progress-deep-201",
  "progress-deep-100000",
];

function filled(message: object, kind: string | undefined, size: number): string {
  const much = kind === "deep"
    ? "[".repeat(size) + "]".repeat(size)
    : JSON.stringify("x".repeat(size * MIB));
  return JSON.stringify({ jsonrpc: "2.0", ...message }).replace(JSON.stringify(PLACE), () => much);
}

/** The messages that answer one. */
export function answersTo({ id, method, params }: Message): string[] {
  const [where, kind, size] = params?.name?.split("-") ?? [];
  const said = (message: object) => filled(message, kind, Number(size));
  const result = (result: object) => [said({ id, result })];
  switch (method) {
    case "initialize":
      return result(INFO);
    case "ping":
      return result({});
    case "tools/list": {
      const inputSchema = { type: "object" };
      const deep = { name: "deep", inputSchema: { ...inputSchema, x: PLACE } };
      const tools = [deep, ...TOOLS.map((name) => ({ name, inputSchema }))];
      return [filled({ id, result: { tools } }, "deep", 100_000)];
    }
    case "prompts/list":
      return result({ prompts: [{ name: "prompt-deep-201" }] });
    case "prompts/get":
      return result({
        messages: [{ role: "user", content: { type: "text", text: "x", x: PLACE } }],
      });
    case "tools/call":
      break;
    default:
      return id === undefined ? [] : [said({ id, error: { code: -32601, message: "no" } })];
  }
  switch (where) {
    case "result":
      return result({ content: [], structuredContent: { a: PLACE } });
    case "error":
      return [said({ id, error: { code: -32603, message: "no", data: PLACE } })];
    case "log":
      return [
        said({ method: "notifications/message", params: { level: "info", data: PLACE } }),
        ...result(FINE),
      ];
    case "progress": {
      const progressToken = params?._meta?.progressToken ?? 0;
      const report = { progressToken, progress: 1, _meta: { x: PLACE } };
      return [said({ method: "notifications/progress", params: report }), ...result(FINE)];
    }
    default:
      return result(FINE);
  }
}

if (import.meta.main) {
  let rest = "";
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const answer of lines.flatMap((line) => answersTo(JSON.parse(line)))) {
      const bytes = new Blob([answer, "\n"]).stream();
      await bytes.pipeTo(Deno.stdout.writable, { preventClose: true });
    }
  }
}
