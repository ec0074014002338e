import assert from "node:assert/strict";
import { tooDeep } from "./deep_message.ts";

const message = (id: string, depth: number) =>
  `{"jsonrpc":"2.0","id":${id},"params":${"[".repeat(depth)}${"]".repeat(depth)}}`;

const rows: [name: string, text: string, id: string | number | null][] = [
  ["a number", message("7", 1_000), 7],
  ["a text", message('"a"', 1_000), "a"],
  ["a list", message("[1]", 1_000), null],
  ["that of a message that is not JSON", `{"id":7,${"[".repeat(1_000)}`, null],
  ["that of a batch", `[${message("7", 1_000)}]`, null],
  ["that of a message that would take long to read", message("7", 1_000_000), null],
];
for (const [name, text, id] of rows) {
  Deno.test(`tooDeep() repeats the id if it is cheap to know: ${name}`, async () => {
    const response = tooDeep(text);
    assert.equal(response.status, 400);
    const answer = await response.json();
    assert.equal(answer.id, id);
    assert.equal(answer.error.data["mesh/error"].nothingRan, true);
  });
}
