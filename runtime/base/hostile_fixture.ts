/**
 * Parts of requests as somebody might send them who means harm, or does not know better.
 *
 * @module
 */
import fc from "fast-check";

/** Texts that have broken something somewhere. */
export const HOSTILE_TEXTS: readonly string[] = [
  "",
  "__proto__",
  "constructor",
  "null",
  "a\0b",
  "\r\nx: y",
  "\ud800",
  "../../etc",
  "%2e%2e%2f",
  "%",
  "%zz",
  "\u202e",
  "\u001b[2J",
  "x".repeat(300),
  "x".repeat(3_000),
  "sha256:nope",
  "-1",
  "1e999",
  "99999999999999999999",
];

/** Texts of any code points: those of `unit: "binary"`, which takes a second of a core to be made. */
export const binaryText: fc.Arbitrary<string> = fc.string({
  unit: fc.integer({ min: 0, max: 0x10ffff - 0x800 })
    // Halves of surrogate pairs are not characters.
    .map((number) => String.fromCodePoint(number < 0xd800 ? number : number + 0x800)),
});

/** Any text. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXTS),
  binaryText,
);

/** A part of a path, well encoded mostly. */
export function segmentOf(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const encoded = text.map((value) => encodeURIComponent(value.toWellFormed()));
  return fc.oneof(encoded, encoded, fc.constantFrom("%", "%zz", "%2e%2e", ".", ";", "%00"));
}

/** A value of the right kind mostly, else anything JSON has. */
export function mostly<Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 50, arbitrary }, { weight: 1, arbitrary: fc.jsonValue() });
}

/** JSON that is nested deeper than anybody carries it, or not closed. */
export const deepJson: fc.Arbitrary<string> = fc.tuple(
  fc.integer({ min: 1, max: 5_000 }),
  fc.constantFrom(["[", "]"], ['{"a":', "}"], ['[{"a":', "}]"], ["[", ""]),
).map(([depth, [open = "", close = ""]]) => `${open.repeat(depth)}1${close.repeat(depth)}`);

/** What a body is that is not what was asked for. */
export const oddBody: fc.Arbitrary<string | Uint8Array<ArrayBuffer>> = fc.oneof(
  fc.json(),
  binaryText,
  fc.uint8Array().map((bytes) => new Uint8Array(bytes)),
  deepJson,
);
