/**
 * An MCP server of another language, which keeps all digits of numbers: its messages are text. Its tool
 * `echo` answers with what it was asked with. Over its standard streams when it is run.
 */

/** Returns the message that answers one, if it is a request. */
export function answerTo(text: string): string | undefined {
  const { id, method } = JSON.parse(text);
  if (id === undefined) return undefined;
  if (method === "server/discover") {
    return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"error":{"code":-32601,"message":"no"}}`;
  }
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${resultOf(method, text)}}`;
}

function resultOf(method: string, text: string): string {
  switch (method) {
    case "initialize":
      return '{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},' +
        '"serverInfo":{"name":"exact","version":"1.0.0"}}';
    case "tools/list":
      return '{"tools":[{"name":"echo","inputSchema":{"type":"object",' +
        '"properties":{"id":{"maximum":9223372036854775807}}}}]}';
    case "tools/call": {
      const [, args = "{}"] = /"arguments":(\{.*?\})(?:,"_meta"|\}\})/.exec(text) ?? [];
      return `{"content":[{"type":"text","text":${JSON.stringify(args)}}],` +
        `"structuredContent":${args},"_meta":{"x-id":1915883588174806058}}`;
    }
    default:
      return "{}";
  }
}

if (import.meta.main) {
  let rest = "";
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const answer of lines.flatMap((line) => answerTo(line) ?? [])) {
      const bytes = new Blob([answer, "\n"]).stream();
      await bytes.pipeTo(Deno.stdout.writable, { preventClose: true });
    }
  }
}
