import { deepEqual, equal } from "node:assert/strict";
import { moduleComment, quoted, wrapped } from "./source_text.ts";

Deno.test("moduleComment() cannot be ended by what is in it", () => {
  equal(moduleComment("a */ b\nc"), "/**\n * a * / b c\n *\n * @module\n */\n");
});

Deno.test("quoted() keeps quotes, line ends and backslashes", () => {
  equal(JSON.parse(quoted('a"\n\\')), 'a"\n\\');
});

Deno.test("wrapped() breaks at blanks and leaves long words whole", () => {
  deepEqual(wrapped("aa bb cccc d", 5), ["aa bb", "cccc", "d"]);
});
