/**
 * `deno task layers`: the layers of each room, lowest first, with what they are and import today.
 *
 * @module
 */
import { layeredModules } from "./imports.ts";
import { layerOf, LAYERS } from "./layers.ts";

/** Returns the lines of the table. */
export async function layersTable(): Promise<string[]> {
  const modules = await layeredModules();
  const rows = [...LAYERS.keys()].flatMap((layer) => {
    const own = modules.filter((module) => module.layer === layer);
    const counts = new Map<string, number>();
    for (const imported of own.flatMap(({ imports }) => imports)) {
      const other = layerOf(imported) ?? imported;
      if (other !== layer) counts.set(other, (counts.get(other) ?? 0) + 1);
    }
    const lines = own.reduce((sum, { lines }) => sum + lines, 0);
    const imports = [...LAYERS.keys(), ...counts.keys()].filter((other) => counts.has(other));
    const told = [...new Set(imports)].map((other) => `${other} ${counts.get(other)}`);
    return own.length === 0 ? [] : [[layer, `${own.length}`, `${lines}`, told.join(", ")]];
  });
  const table = [["LAYER", "FILES", "LINES", "IMPORTS"], ...rows];
  const width = (column: number) => Math.max(...table.map((row) => (row[column] ?? "").length));
  return table.map(([layer = "", files = "", lines = "", imports = ""]) =>
    `${layer.padEnd(width(0))}  ${files.padStart(5)}  ${lines.padStart(6)}  ${imports}`.trimEnd()
  );
}

if (import.meta.main) console.log((await layersTable()).join("\n"));
