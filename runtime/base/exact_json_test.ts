import { deepEqual, equal, throws } from "node:assert/strict";
import { asNumbers, carriesText, parseExact } from "./exact_json.ts";

const texts = [
  "12345678901234567890",
  "-9007199254740993",
  "9007199254740991",
  "0.1234567890123456789",
  '{"a":[1,2.5,{"b":98765432109876543210}],"c":"12345678901234567890"}',
  '{"__proto__":{"id":12345678901234567890},"x":null}',
  "true",
];
for (const text of texts) {
  Deno.test(`parseExact() leaves ${text} as it is`, () => {
    equal(JSON.stringify(parseExact(text)), text);
  });
}

Deno.test("parseExact() refuses what is nested too deep", () => {
  throws(() => parseExact("[".repeat(5_000) + "]".repeat(5_000)), RangeError);
});

Deno.test("asNumbers() gives code numbers, and leaves alone what has no others", () => {
  const kept = parseExact('{"a":[1,{"id":12345678901234567890}],"b":"1234567890123456"}');
  equal(carriesText(kept), true);
  deepEqual(asNumbers(kept), {
    a: [1, { id: Number("12345678901234567890") }],
    b: "1234567890123456",
  });
  const plain = { a: [1, null], b: "x" };
  equal(asNumbers(plain), plain);
});

Deno.test("parseExact() refuses what is no JSON", () => {
  for (const text of ["{", "", "12345678901234567890x"]) {
    throws(() => parseExact(text), SyntaxError);
  }
});
