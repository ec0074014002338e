import { equal, match } from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemProblem } from "./system_problem.ts";

async function thrownBy(act: () => unknown): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

Deno.test("systemProblem() tells what the system refuses, of Deno and of node:fs", async () => {
  const folder = await mkdtemp(join(tmpdir(), "problem-"));
  try {
    const file = join(folder, "file");
    await writeFile(file, "");
    const below = join(file, "below");
    for (const act of [() => Deno.mkdirSync(below), () => mkdir(below)]) {
      const problem = systemProblem(await thrownBy(act));
      match(problem?.message ?? "", /not a directory.*below/i);
      match(problem?.advice ?? "", /MCP_MESH_HOME/);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

Deno.test("systemProblem() leaves defects alone", async () => {
  const missing = await thrownBy(() => Deno.readTextFileSync("/nowhere/at/all"));
  for (const error of [missing, new Error("plain"), new TypeError("no"), "text", undefined]) {
    equal(systemProblem(error), undefined);
  }
  equal(systemProblem(Object.assign(new Error("odd"), { code: "constructor" })), undefined);
});
