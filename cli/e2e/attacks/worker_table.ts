/**
 * The attempts that a worker does not stop as a table in `runtime/README.md`; run this module to write
 * it there.
 *
 * @module
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type TableMarks, withTable } from "../case_table.ts";
import { ATTEMPTS } from "./all.ts";
import { type Unstopped, WORKER_ISOLATION } from "./worker_isolation.ts";

/** The page with the table. */
export const WORKER_PAGE: string = fileURLToPath(
  new URL("../../../runtime/README.md", import.meta.url),
);

/** The lines that the table stands between. */
export const WORKER_MARKS: TableMarks = {
  begin: "<!-- unstopped: written by cli/e2e/attacks/worker_table.ts -->",
  end: "<!-- /unstopped -->",
};

/** First lines of the attackers, as the table names them. */
const FIRST_LINES: Readonly<Record<string, string>> = {
  "attacker-bare": "none",
  "attacker-scaffolded": "as scaffolded",
  "attacker-net": "`--allow-net`",
  "attacker-files": "`--allow-read --allow-write`",
};

/** Sentences of one row; there are more where the kinds are named. */
const SAID = 4;

/** Returns the table, in Markdown; columns are not padded. */
export function workerTable(groups: readonly Unstopped[]): string {
  const sentences = new Map(ATTEMPTS.map(({ id, says }) => [id, says]));
  const row = ({ reason, by, ends, ids }: Unstopped) => {
    const says = [...new Set(ids.map((id) => sentences.get(id) ?? id))];
    const more = says.length > SAID ? `; ${says.length - SAID} more` : "";
    const flags = by?.map((name) => FIRST_LINES[name] ?? name).join(", ") ?? "any";
    const cells = [reason, flags, `${says.slice(0, SAID).join("; ")}${more}`];
    return `| ${cells.join(" | ")} | ${ends === true ? "yes" : ""} |`;
  };
  const count = new Set(groups.flatMap(({ ids }) => ids)).size;
  return [
    `Of the ${ATTEMPTS.length} attempts of [\`cli/e2e/attacks\`](../cli/e2e/attacks), each made by agents`,
    `with different first lines, a process of its own stops all, and a worker does not stop ${count}:`,
    "",
    "| reason | first line | an agent … | ends the process |",
    "| --- | --- | --- | --- |",
    ...groups.map(row),
  ].join("\n");
}

if (import.meta.main) {
  const page = await readFile(WORKER_PAGE, "utf8");
  await writeFile(WORKER_PAGE, withTable(page, workerTable(WORKER_ISOLATION), WORKER_MARKS));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", WORKER_PAGE] }).output();
}
