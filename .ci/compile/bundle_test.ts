import { deepEqual, notDeepEqual, throws } from "node:assert/strict";
import { namedByContent } from "./bundle.ts";

const bundle = (hash: string, text = "b") =>
  new Map([
    ["main.js", `import "./chunk-${hash}.js"; import("./list-${hash}.js");`],
    [`chunk-${hash}.js`, text],
    [`list-${hash}.js`, `import "./chunk-${hash}.js"`],
  ]);

Deno.test("namedByContent() gives names that only the contents decide, everywhere they are used", () => {
  const named = namedByContent(bundle("AAAAAAAA"));
  deepEqual(named, namedByContent(bundle("BBBBBBBB")));
  notDeepEqual([...named.keys()], [...namedByContent(bundle("AAAAAAAA", "c")).keys()]);
  const [, chunk, list] = [...named.keys()];
  deepEqual([...named.values()], [
    `import "./${chunk}"; import("./${list}");`,
    "b",
    `import "./${chunk}"`,
  ]);
});

Deno.test("namedByContent() refuses two modules that it cannot tell apart", () => {
  throws(() => namedByContent(new Map([["a-AAAAAAAA.js", ""], ["a-BBBBBBBB.js", ""]])), /one name/);
});
