import { deepEqual, equal, throws } from "node:assert/strict";
import { packArchive, unpackArchive } from "./archive.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("unpackArchive() gives back every file: empty ones, line ends, bytes of any value", () => {
  const files = new Map([
    ["a/empty.txt", bytes("")],
    ["a/lines of text.md", bytes("12 b\n\nü\n")],
    ["z.bin", Uint8Array.from({ length: 256 }, (_, value) => value)],
  ]);
  deepEqual(unpackArchive(packArchive(files)), files);
});

Deno.test("packArchive() makes the same bytes of the same files in any order", () => {
  const files: [string, Uint8Array<ArrayBuffer>][] = [["b", bytes("2")], ["a", bytes("1")]];
  deepEqual(packArchive(new Map(files)), packArchive(new Map(files.toReversed())));
  equal([...unpackArchive(packArchive(new Map(files))).keys()].join(), "a,b");
});

Deno.test("unpackArchive() refuses what is cut short", () => {
  const whole = packArchive(new Map([["a", bytes("some text that is not repeated")]]));
  throws(() => unpackArchive(whole.subarray(0, whole.length - 3)));
});
