import assert from "node:assert/strict";
import { detailOf, type ErrorDetails } from "./error_details.ts";

const rows: [name: keyof ErrorDetails, fitting: unknown[], others: unknown[]][] = [
  ["issues", [[], [{ path: ["a"] }]], [{}, "a", null]],
  ["capability", ["weather", ""], [1, null, ["weather"]]],
  ["retryAfterMs", [0, 1.5], ["1", NaN, Infinity, null]],
  ["port", [9_000], ["9000", null]],
  ["requiredCapabilities", [{}, { sampling: {} }], [[], null, "sampling"]],
  ["tools_called", [0, 3], ["0", NaN, null]],
  ["declared", [null, {}, "any"], [undefined]],
];

for (const [name, fitting, others] of rows) {
  Deno.test(`detailOf() reads ${name} only of its kind`, () => {
    for (const value of fitting) {
      assert.deepEqual(detailOf({ details: { other: 1, [name]: value } }, name), value);
    }
    for (const value of others) {
      assert.equal(detailOf({ details: { [name]: value } }, name), undefined);
    }
  });

  Deno.test(`detailOf() finds no ${name} in what is not an object of its own`, () => {
    const inherited = Object.create({ [name]: fitting[0] });
    for (const details of [undefined, null, "text", 7, [fitting[0]], {}, inherited]) {
      assert.equal(detailOf({ details }, name), undefined);
    }
    assert.equal(detailOf({}, name), undefined);
  });
}
