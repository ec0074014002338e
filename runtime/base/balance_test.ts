import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Aside, firstBack, lessBusy } from "./balance.ts";

const LOADS: Record<string, number> = { idle: 0, calm: 1, busy: 9 };
const load = (dice: readonly number[]) => {
  const left = [...dice];
  return { busy: (name: string) => LOADS[name] ?? 0, random: () => left.shift() ?? 0 };
};

const PICKS: [providers: string[], dice: number[], picked: string | undefined][] = [
  [[], [], undefined],
  [["busy"], [0.99], "busy"],
  [["busy", "calm"], [0, 0], "calm"],
  [["busy", "calm"], [0.5, 0], "calm"],
  // The idle one is not among the two.
  [["busy", "calm", "idle"], [0, 0], "calm"],
  [["busy", "calm", "idle"], [0.99, 0.99], "idle"],
];
for (const [providers, dice, picked] of PICKS) {
  Deno.test(`lessBusy() of [${providers}] with dice ${dice} is ${picked}`, () => {
    strictEqual(lessBusy(providers, load(dice)), picked);
  });
}

Deno.test("firstBack() is the provider whose time ends first, the earlier of two alike", () => {
  const until: Record<string, number> = { a: 7, b: 3, c: 3 };
  strictEqual(firstBack(["a", "b", "c"], (name) => until[name] ?? 0), "b");
  strictEqual(firstBack<string>([], () => 0), undefined);
});

Deno.test("Aside lasts longer each time, up to half a minute, until the provider answers", () => {
  const aside = new Aside();
  let now = 0;
  const next = () => {
    aside.begin(now);
    const lasts = aside.until - now;
    now = aside.until;
    return lasts;
  };
  deepStrictEqual(Array.from({ length: 8 }, next), [
    500,
    1_000,
    2_000,
    4_000,
    8_000,
    16_000,
    30_000,
    30_000,
  ]);
  aside.end();
  strictEqual(aside.until, 0);
  strictEqual(next(), 500);
});

Deno.test("Aside that lasts is not begun again", () => {
  const aside = new Aside();
  strictEqual(aside.begin(100), true);
  strictEqual(aside.begin(599), false);
  strictEqual(aside.until, 600);
  strictEqual(aside.begin(600), true);
});
