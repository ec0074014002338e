import assert from "node:assert/strict";
import { eventLines } from "./event_lines.ts";
import { CALL_META, notedLine } from "./server_log.ts";

const line = (data: string, meta?: object) =>
  `data: ${
    JSON.stringify({
      jsonrpc: "2.0",
      method: "notifications/message",
      params: { level: "info", data, ...(meta && { _meta: meta }) },
    })
  }`;
const noted = (data: string, meta: object = {}) => line(data, { ...meta, [CALL_META]: "c1" });

/** What a stream is, noted, when it comes in pieces of this many characters. */
async function through(text: string, size: number, call: string | undefined): Promise<string> {
  const pieces = text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
  const encoder = new TextEncoder();
  const body = ReadableStream.from(pieces.map((piece) => encoder.encode(piece)));
  const bytes = body as ReadableStream<Uint8Array<ArrayBuffer>>;
  return await new Response(eventLines(bytes, (line) => notedLine(line, call))).text();
}

const other = 'data: {"jsonrpc":"2.0","id":1,"result":{"content":"notifications/message"}}';
const rows: [name: string, from: string, to: string][] = [
  ["a log line", `event: message\n${line("é")}\n\n`, `event: message\n${noted("é")}\n\n`],
  [
    "several, and the answer",
    `${line("a")}\n\n${line("b")}\n\n${other}\n\n`,
    [
      noted("a"),
      noted("b"),
      other,
      "",
    ].join("\n\n"),
  ],
  ["other data of the line", `${line("a", { x: 1 })}\n\n`, `${noted("a", { x: 1 })}\n\n`],
  [
    "one that says it belongs elsewhere",
    `${line("a", { [CALL_META]: "c9" })}\n\n`,
    [
      noted("a"),
      "",
    ].join("\n\n"),
  ],
  [
    "half a message",
    'data: {"method":"notifications/message",\ndata: "params":{}}\n\n',
    [
      'data: {"method":"notifications/message",\ndata: "params":{}}',
      "",
    ].join("\n\n"),
  ],
  [
    "lines that end in other ways",
    `event: message\r\n${line("a")}\r\r${line("b")}\n\r\n`,
    `event: message\r\n${noted("a")}\r\r${noted("b")}\n\r\n`,
  ],
  ["what ends without a line end", `: ping\n\n${other}`, `: ping\n\n${other}`],
  ["nothing", "", ""],
];
for (const [name, from, to] of rows) {
  Deno.test(`notedLine() of ${name}`, async () => {
    for (const size of [1, 2, 7, 100_000]) assert.equal(await through(from, size, "c1"), to);
  });
}

Deno.test("notedLine() of a stream without a call takes out what a line says", async () => {
  const forged = `${line("a", { [CALL_META]: "c9" })}\n\n`;
  assert.equal(await through(forged, 10, undefined), `${line("a", {})}\n\n`);
});
