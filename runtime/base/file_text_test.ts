import { equal } from "node:assert/strict";
import { fileText, settingText, withPlainEnds } from "./file_text.ts";

const TEXT = "#!/usr/bin/env -S deno run\nconst ü = '😀';\n";
const utf8 = new TextEncoder().encode(TEXT);
const utf16 = (littleEndian: boolean) => {
  const bytes = new DataView(new ArrayBuffer(TEXT.length * 2));
  for (let at = 0; at < TEXT.length; at++) {
    bytes.setUint16(at * 2, TEXT.charCodeAt(at), littleEndian);
  }
  return new Uint8Array(bytes.buffer);
};

const encoded: [what: string, bytes: number[]][] = [
  ["UTF-8", [...utf8]],
  ["UTF-8 with a byte order mark", [0xef, 0xbb, 0xbf, ...utf8]],
  ["UTF-8 with two of them", [0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf, ...utf8]],
  ["UTF-16, little end first", [0xff, 0xfe, ...utf16(true)]],
  ["UTF-16, big end first", [0xfe, 0xff, ...utf16(false)]],
];
for (const [what, bytes] of encoded) {
  Deno.test(`fileText() reads ${what}`, () => equal(fileText(new Uint8Array(bytes)), TEXT));
}

Deno.test("fileText() of nothing is nothing", () => equal(fileText(new Uint8Array()), ""));

Deno.test("withPlainEnds() knows the line ends of every system", () => {
  equal(withPlainEnds("a\r\nb\rc\nd\r\n"), "a\nb\nc\nd\n");
});

const settings: [value: string, text: string][] = [
  ["sk-1\r", "sk-1"],
  ["sk-1\n", "sk-1"],
  ["sk-1\r\n", "sk-1"],
  ["a\r\nb", "a\r\nb"],
  [" a ", " a "],
  ["", ""],
];
for (const [value, text] of settings) {
  Deno.test(`settingText() of ${JSON.stringify(value)}`, () => equal(settingText(value), text));
}
