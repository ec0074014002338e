import { equal } from "node:assert/strict";
import { inItsForm } from "./text_form.ts";

const forms: [what: string, before: string, after: string][] = [
  ["plain", "a\nb\n", "a\nnew\nb\n"],
  ["line ends of Windows", "a\r\nb\r\n", "a\r\nnew\r\nb\r\n"],
  ["the oldest line ends", "a\rb\r", "a\rnew\rb\r"],
  ["a byte order mark", "\uFEFFa\nb\n", "\uFEFFa\nnew\nb\n"],
  ["both", "\uFEFFa\r\nb", "\uFEFFa\r\nnew\r\nb"],
  ["several kinds of line ends", "a\nb\r\nc\n", "a\nnew\nb\r\nc\n"],
];
for (const [what, before, after] of forms) {
  Deno.test(`inItsForm() of a text with ${what}`, () => {
    equal(inItsForm(before, (text) => text.replace("a\n", "a\nnew\n")), after);
    equal(inItsForm(before, (text) => text), before);
  });
}
