/** The tables of packages on the first page, beside the import map. */
import { deepEqual, equal } from "node:assert/strict";
import * as z from "zod";

const ImportMap = z.object({ imports: z.record(z.string(), z.string()) });
const read = (name: string) => Deno.readTextFile(new URL(`../${name}`, import.meta.url));

/** The first two cells of each row of the tables in a part of the page, without code marks. */
function rowsOf(page: string, from: string, to: string): [string, string][] {
  const part = page.slice(page.indexOf(from), page.indexOf(to));
  return [...part.matchAll(/^\| `([^`]+)` +\| `?([^ `]+)`? +\|/gm)]
    .map(([, first = "", second = ""]) => [first, second]);
}

const page = await read("README.md");
const { imports } = ImportMap.parse(JSON.parse(await read("import_map.json")));
/** The imports: name, package and version. */
const packages = Object.entries(imports)
  .map(([name, url]) => [name, /^npm:\/?(@?[^@]+)@([^/]+)/.exec(url)?.slice(1)] as const)
  .flatMap(([name, found]) => found === undefined ? [] : [[name, ...found]]);

Deno.test("the table of packages has each package of the import map, with its version", () => {
  const imported = new Map(packages.map(([, name, version]) => [name, version]));
  const told = rowsOf(page, "## Packages", "### The standard library");
  equal(told.length, imported.size);
  deepEqual(new Map<string | undefined, string | undefined>(told), imported);
});

Deno.test("the table of the standard library has each of its modules in use, with its name on JSR", () => {
  const used = packages.filter(([, from]) => from === "deno-std").map(([name]) => name);
  const told = rowsOf(page, "### The standard library", "What is not used");
  deepEqual(told.map(([name]) => name).toSorted(), used.toSorted());
  for (const [name, jsr] of told) {
    const [scope, package_, module] = name.split("/");
    equal(jsr, `jsr:${scope}/${package_}@1/${module}`);
  }
});
