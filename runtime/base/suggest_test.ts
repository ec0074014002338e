import { deepEqual, equal } from "node:assert/strict";
import { didYouMean, editDistance, suggest } from "./suggest.ts";

Deno.test("editDistance() counts insertions, deletions, replacements and swaps", () => {
  const rows: [string, string, number][] = [
    ["", "", 0],
    ["abc", "", 3],
    ["kitten", "sitting", 3],
    ["lsit", "list", 1],
    ["same", "same", 0],
  ];
  for (const [a, b, distance] of rows) equal(editDistance(a, b), distance, `${a} ${b}`);
});

Deno.test("suggest() offers near and containing names, nearest first, without duplicates", () => {
  const known = ["flight_search", "hotel_search", "get_weather", "flight_search"];
  deepEqual(suggest("flight_serach", known), ["flight_search"]);
  deepEqual(suggest("weather", known), ["get_weather"]);
  deepEqual(suggest("search", known), ["flight_search", "hotel_search"]);
  deepEqual(suggest("zzzzzz", known), []);
});

Deno.test("didYouMean() is a sentence, or nothing", () => {
  equal(didYouMean("search", ["a_search", "b_search"]), "Did you mean a_search or b_search?");
  equal(didYouMean("x", ["something"]), undefined);
});
