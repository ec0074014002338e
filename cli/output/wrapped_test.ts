import { deepEqual } from "node:assert/strict";
import { wrapped } from "./wrapped.ts";

Deno.test("wrapped() breaks between words, by the cells they take", () => {
  deepEqual(wrapped("one two three", 8), ["one two", "three"]);
  deepEqual(wrapped("天気 予報 です", 9), ["天気 予報", "です"]);
});

Deno.test("wrapped() breaks a word that is too long, between characters", () => {
  deepEqual(wrapped("abcdefgh", 3), ["abc", "def", "gh"]);
  deepEqual(wrapped("天気予報", 5), ["天気", "予報"]);
  deepEqual(wrapped("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 3), ["👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"]);
});

Deno.test("wrapped() comes to an end where not even one character fits", () => {
  deepEqual(wrapped("天気", 1), ["天", "気"]);
});
