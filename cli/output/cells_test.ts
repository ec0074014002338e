import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { cellWidth, cutToCells, padToCells, splitAtCells } from "./cells.ts";

const FAMILY = "👩‍👩‍👧‍👦";

for (
  const [text, cells] of [
    ["agent", 5],
    ["天気", 4],
    [FAMILY, 2],
    ["🇯🇵", 2],
    ["e\u0301", 1],
    ["→ ✓ …", 5],
    ["한국", 4],
    ["\u1112\u1161\u11ab", 2],
    ["⚠", 1],
    ["⚠\ufe0f", 2],
    ["⌚", 2],
    ["⌚\ufe0e", 1],
    ["1\ufe0f\u20e3", 2],
    ["👍🏽", 2],
    ["ｱ", 1],
    ["नमस्ते", 4],
    ["a\u200bb", 2],
    ["\x1b[31mred\x1b[0m", 3],
  ] as const
) {
  Deno.test(`cellWidth() of ${JSON.stringify(text)} is ${cells}`, () => {
    equal(cellWidth(text), cells);
  });
}

for (
  const [text, cells, cut] of [
    ["agent", 5, "agent"],
    ["agents", 5, "agen…"],
    ["天気予報", 8, "天気予報"],
    ["天気予報", 7, "天気予…"],
    ["天気予報", 6, "天気…"],
    [`a${FAMILY}bc`, 3, "a…"],
    [`a${FAMILY}bc`, 4, `a${FAMILY}…`],
    ["e\u0301e\u0301e\u0301", 2, "e\u0301…"],
    ["agent", 1, "…"],
    ["agent", 0, ""],
  ] as const
) {
  Deno.test(`cutToCells() of ${JSON.stringify(text)} to ${cells} is ${JSON.stringify(cut)}`, () => {
    equal(cutToCells(text, cells), cut);
  });
}

const words = fc.string({ unit: fc.constantFrom("a", "é", "e\u0301", "気", "👍🏽", FAMILY, "🇯🇵") });

Deno.test("cutToCells() takes no more cells than it is given, and parts no character", () => {
  fc.assert(fc.property(words, fc.nat({ max: 20 }), (text, cells) => {
    const cut = cutToCells(text, cells);
    ok(cellWidth(cut) <= cells, cut);
    const whole = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
    const kept = [...new Intl.Segmenter().segment(cut.replace(/…$/, ""))];
    deepEqual(kept.map(({ segment }) => segment), whole.slice(0, kept.length));
  }));
});

Deno.test("splitAtCells() loses nothing and always gets on", () => {
  deepEqual(splitAtCells("天気予報", 5), ["天気", "予報"]);
  deepEqual(splitAtCells("天気", 1), ["天", "気"]);
  deepEqual(splitAtCells("", 5), ["", ""]);
});

Deno.test("padToCells() counts cells on either side", () => {
  equal(padToCells("天気", 6), "天気  ");
  equal(padToCells("天気", 6, "right"), "  天気");
  equal(padToCells("天気", 3), "天気");
});
