/**
 * The cases as a table in `cli/README.md`; run this module to write it there.
 *
 * @module
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Case, CaseGroup, Said } from "./cases/case.ts";
import { CASE_GROUPS } from "./cases/groups.ts";

/** The page with the table. */
export const PAGE = fileURLToPath(new URL("../README.md", import.meta.url));

/** The lines of a page that a table stands between. */
export interface TableMarks {
  readonly begin: string;
  readonly end: string;
}

const MARKS: TableMarks = {
  begin: "<!-- cases: written by cli/e2e/case_table.ts -->",
  end: "<!-- /cases -->",
};

/** The table, in Markdown; columns are not padded. */
export function caseTable(groups: readonly CaseGroup[]): string {
  const count = groups.reduce((sum, { cases }) => sum + cases.length, 0);
  const rows = groups.flatMap(({ command, agents, cases }) => [
    `| **${command}**${agents === undefined ? "" : `, with ${agents.join(", ")}`} | | | |`,
    ...cases.map(row),
  ]);
  return [
    `${count} cases, each run against \`meshctl\` by \`cli/e2e/cases_test.ts\`; an empty cell is not`,
    "looked at, `-` is a stream that says nothing.",
    "",
    "| `meshctl …` | exit | standard output has | standard error has |",
    "| --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

function row({ line, exit, stdout, stderr }: Case): string {
  const first = line === "" ? "" : code(line);
  return `| ${[first, String(exit), said(stdout), said(stderr)].join(" | ")} |`;
}

function said(text: Said | undefined): string {
  if (text === undefined) return "";
  if (text === "") return "-";
  return code(typeof text === "string" ? text.trimEnd() : String(text));
}

/** Text as code in a cell, where a bar would end it. */
function code(text: string): string {
  const fence = text.includes("`") ? "``" : "`";
  return `${fence}${text.replaceAll("|", "\\|")}${fence}`;
}

/**
 * A page with the table between its marks.
 *
 * @param marks Those of the table. @default those of the cases
 * @throws {Error} When it has no such marks.
 */
export function withTable(page: string, table: string, { begin, end } = MARKS): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no ${begin} … ${end}`);
  return `${page.slice(0, from)}${begin}\n\n${table}\n\n${page.slice(to)}`;
}

/** A page without what the formatter may change: the padding of cells, and where lines break. */
export function unpadded(page: string): string {
  return page.replace(/-{3,}/g, "---").replace(/\s+/g, " ");
}

if (import.meta.main) {
  await writeFile(PAGE, withTable(await readFile(PAGE, "utf8"), caseTable(CASE_GROUPS)));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", PAGE] }).output();
}
