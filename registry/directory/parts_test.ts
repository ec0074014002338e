import { deepEqual, equal, ok } from "node:assert/strict";
import { fromParts, PART_BYTES, partsBytes, toParts } from "./parts.ts";

const documents: [name: string, document: unknown, parts: number][] = [
  ["an empty object", {}, 1],
  ["null", null, 1],
  ["exactly one part", "x".repeat(PART_BYTES - 2), 1],
  ["one byte more", "x".repeat(PART_BYTES - 1), 2],
  ["characters cut in the middle", "x" + "é".repeat(PART_BYTES), 3],
];
for (const [name, document, parts] of documents) {
  Deno.test(`toParts() and fromParts(): ${name}`, () => {
    const cut = toParts(document);
    equal(cut.length, parts);
    ok(cut.every(({ length }) => length <= PART_BYTES));
    equal(partsBytes(cut), new TextEncoder().encode(JSON.stringify(document)).length);
    deepEqual(fromParts(cut), document);
  });
}
