import { equal, throws } from "node:assert/strict";
import { parseExact } from "./exact_json.ts";

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

Deno.test("parseExact() refuses what is no JSON", () => {
  for (const text of ["{", "", "12345678901234567890x"]) {
    throws(() => parseExact(text), SyntaxError);
  }
});
