import { deepEqual, equal, match } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { readConfig } from "./config.ts";
import { VARIABLES, variableTable } from "./variables.ts";

/** Rows of a Markdown table as their cells, however they are padded. */
function cells(markdown: string): string[][] {
  return markdown.split("\n").filter((line) => line.startsWith("|") && !/^\|[\s|-]+$/.test(line))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

Deno.test("the README's table of variables is the registry's", async () => {
  const readme = await Deno.readTextFile(fileURLToPath(new URL("../README.md", import.meta.url)));
  const section = /## Environment\n(.*?)(?=\n## )/s.exec(readme)?.[1] ?? "";
  deepEqual(cells(section), cells(variableTable()));
});

Deno.test("the defaults the table names are those that count", () => {
  const defaults = VARIABLES.filter(({ fallback }) => fallback !== "none");
  const written = Object.fromEntries(defaults.map(({ name, fallback }) => [name, fallback]));
  deepEqual(readConfig(written), readConfig({}));
});

Deno.test("each variable is named once and says what it means", () => {
  equal(new Set(VARIABLES.map(({ name }) => name)).size, VARIABLES.length);
  for (const { name, meaning } of VARIABLES) {
    match(name, /^[A-Z][A-Z0-9_]+$/);
    match(meaning, /\w/);
  }
});
