import { deepEqual, notDeepEqual, throws } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { bundle, namedByContent } from "./bundle.ts";

const bundled = (hash: string, text = "b") =>
  new Map([
    ["main.js", `import "./chunk-${hash}.js"; import("./list-${hash}.js");`],
    [`chunk-${hash}.js`, text],
    [`list-${hash}.js`, `import "./chunk-${hash}.js"`],
  ]);

Deno.test("namedByContent() gives names that only the contents decide, everywhere they are used", () => {
  const named = namedByContent(bundled("AAAAAAAA"));
  deepEqual(named, namedByContent(bundled("BBBBBBBB")));
  notDeepEqual([...named.keys()], [...namedByContent(bundled("AAAAAAAA", "c")).keys()]);
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

Deno.test("bundle() leaves out zod's translations, which every command would have to load", async () => {
  const modules = await bundle(fileURLToPath(new URL("../..", import.meta.url)), "cli/main.ts");
  // `import { z }` would bring them, `import * as z` does not.
  const loaded = [...modules].filter(([, text]) => text.includes("Ungültige Eingabe"));
  deepEqual(loaded.map(([name]) => name), []);
});
