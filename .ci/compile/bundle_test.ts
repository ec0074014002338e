import { deepEqual, notDeepEqual, throws } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parse } from "@babel/parser";
import { traverseFast } from "@babel/types";
import { bundle, type BundleOptions, namedByContent } from "./bundle.ts";
import { processTest } from "../fixtures/process_tests.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

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

/** How many things a module holds until it lets go of them. */
function countUsing(text: string): number {
  let count = 0;
  traverseFast(parse(text, { sourceType: "module" }), (node) => {
    if (node.type !== "VariableDeclaration") return;
    if (node.kind.endsWith("using")) count += node.declarations.length;
  });
  return count;
}

processTest("bundle() keeps every `using`", async () => {
  // The bundler puts the value of a binding in the place of its only use, when that is in the very
  // next statement, and takes `using` away with it: then nothing is ever let go of.
  const countByModule = async (options: BundleOptions) => {
    const counts: Record<string, number> = {};
    for (const [name, text] of await bundle(ROOT, "cli/binary/main.ts", options)) {
      const module = name.replace(/-[0-9a-f]{12}/, "");
      counts[module] = (counts[module] ?? 0) + countUsing(text);
    }
    return counts;
  };
  const [minified, whole] = await Promise.all([{}, { minify: false }].map(countByModule));
  deepEqual(minified, whole);
});

processTest(
  "bundle() leaves out zod's translations, which every command would have to load",
  async () => {
    const modules = await bundle(ROOT, "cli/main.ts");
    // `import { z }` would bring them, `import * as z` does not.
    const loaded = [...modules].filter(([, text]) => text.includes("Ungültige Eingabe"));
    deepEqual(loaded.map(([name]) => name), []);
  },
);
