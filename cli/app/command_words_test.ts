import { deepEqual } from "node:assert/strict";
import { commandWords } from "./command_words.ts";

const rows: [line: string, words: string[] | undefined][] = [
  ["", []],
  ["  npx  -y\tserver ", ["npx", "-y", "server"]],
  ["a 'b c' \"d e\"", ["a", "b c", "d e"]],
  ["a'b'\"c\"d", ["abcd"]],
  ["a '' \"\"", ["a", "", ""]],
  ['\'a\\b\' "a\\b" "a\\"b" a\\ b', ["a\\b", "a\\b", 'a"b', "a b"]],
  ["'it'\\''s'", ["it's"]],
  ["a $HOME * | b", ["a", "$HOME", "*", "|", "b"]],
  ["C:\\", ["C:\\"]],
  ["a 'b", undefined],
  ['a "b\\"', undefined],
];
for (const [line, words] of rows) {
  Deno.test(`commandWords(${JSON.stringify(line)})`, () => deepEqual(commandWords(line), words));
}
