import { equal, match, ok } from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { commandWords } from "../app/command_words.ts";
import { caseTable, PAGE, unpadded, withTable } from "./case_table.ts";
import type { Case, CaseGroup, Said } from "./cases/case.ts";
import { CASE_GROUPS } from "./cases/groups.ts";
import { fixture, type Outcome, type TestMesh, withMesh } from "./meshctl.ts";

/** How many commands run side by side. */
const SIDE_BY_SIDE = 3;

for (const group of CASE_GROUPS) {
  Deno.test(`${group.cases.length} cases: ${group.command}`, async (test) => {
    await withMesh(async (mesh) => {
      await prepare(group, mesh);
      const outcomes = await run(group, mesh);
      for (const [index, each] of group.cases.entries()) {
        await test.step(`meshctl ${each.line}`, () => judge(each, outcomes[index], mesh));
      }
    });
  });
}

async function prepare({ files = {}, agents }: CaseGroup, mesh: TestMesh): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(mesh.home, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  if (agents === undefined) return;
  const started = await mesh.run("start", "-d", ...agents.map(fixture));
  equal(started.code, 0, started.stderr);
}

async function run({ cases, inOrder }: CaseGroup, mesh: TestMesh): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const left = cases.entries();
  const work = async () => {
    for (const [index, { line }] of left) {
      const words = commandWords(filled(line, mesh));
      ok(words, `${line} has a quote that is not closed`);
      outcomes[index] = await mesh.run(...words);
    }
  };
  await Promise.all(Array.from({ length: inOrder ? 1 : SIDE_BY_SIDE }, work));
  return outcomes;
}

function judge(each: Case, outcome: Outcome | undefined, mesh: TestMesh): void {
  ok(outcome);
  const all = `exit ${outcome.code}\nstdout: ${outcome.stdout}\nstderr: ${outcome.stderr}`;
  equal(outcome.code, each.exit, all);
  for (const stream of ["stdout", "stderr"] as const) {
    expect(each[stream], outcome[stream], `${stream} of ${all}`, mesh);
  }
}

function expect(said: Said | undefined, text: string, all: string, mesh: TestMesh): void {
  if (said === undefined) return;
  if (said instanceof RegExp) match(text, said, all);
  else if (said === "") equal(text, "", all);
  else ok(text.includes(filled(said, mesh)), `no ${filled(said, mesh)} in ${all}`);
}

function filled(text: string, { home, registryUrl, port }: TestMesh): string {
  return text.replaceAll("<home>", home).replaceAll("<url>", registryUrl)
    .replaceAll("<port>", String(port)).replaceAll("<fixtures>", dirname(fixture("clock")));
}

Deno.test("the README's table has every case as it is", async () => {
  const page = await readFile(PAGE, "utf8");
  equal(
    unpadded(page),
    unpadded(withTable(page, caseTable(CASE_GROUPS))),
    "run `deno task cases`",
  );
});

Deno.test("a case is listed once a group, and a failure says something", () => {
  for (const { command, cases, inOrder } of CASE_GROUPS) {
    const lines = cases.map(({ line }) => line);
    if (inOrder !== true) equal(new Set(lines).size, lines.length, command);
    for (const { line, exit, stdout, stderr } of cases) {
      ok(exit === 0 || stdout || stderr !== "", `${line} fails without a word`);
    }
  }
});
