/**
 * How long a save takes to be what the mesh runs, beside Deno's own watcher, which starts the whole
 * process again. Part of `deno task bench`.
 *
 * @module
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { oneByOne } from "../../.ci/bench/load.ts";
import type { Section } from "../../.ci/bench/section.ts";
import { type RunningMeshctl, type TestMesh, withMesh } from "./meshctl.ts";

const SAVES = 15;
/** Between two saves, milliseconds: long enough for the types of the one before to be checked. */
const PAUSE_MS = 2_500;
/** What an agent says once the registry has it. */
const REGISTERED = " registered as ";

/** Runs the benchmark; about 90 s. */
export async function benchReload(): Promise<Section[]> {
  const sections: Section[] = [];
  await withMesh(async (mesh) => {
    const folder = join(mesh.home, "agents-of-user");
    await mkdir(folder);
    const file = join(folder, "speaker.ts");
    await save(file, 0, "");
    const meshctl = mesh.spawn("start", "-w", "agents-of-user");
    const isUp = await meshctl.line("Ctrl+C stops everything");
    const reloads = await timed(file, meshctl, " reloaded ", isUp);
    meshctl.signal("SIGINT");
    await meshctl.ended;

    const deno = await watchedByDeno(mesh, file);
    const isThere = await deno.line(REGISTERED);
    const restarts = await timed(file, deno, REGISTERED, isThere);
    // Asked to end, the agent would, and the watcher would wait for the next save.
    deno.signal("SIGKILL");
    await deno.ended;
    sections.push({
      title: "From a save to its tool in the registry, with the 200 ms of quiet both wait for",
      rows: [
        { what: "meshctl start -w", ...oneByOne(reloads) },
        { what: "deno run --watch", role: "peer", ...oneByOne(restarts) },
      ],
    });
  });
  return sections;
}

/** Every save has another tool, so that the registry must know. */
async function save(file: string, number: number, flags: string): Promise<void> {
  await writeFile(
    file,
    `#!/usr/bin/env -S deno run ${flags}
import { agent, tool } from "mesh";
import * as z from "zod";

export default agent({
  name: "speaker",
  tools: {
    say: tool(
      { capability: "word${number}", description: "Says a word", output: z.string() },
      () => "word",
    ),
  },
});
`,
  );
}

async function watchedByDeno(mesh: TestMesh, file: string): Promise<RunningMeshctl> {
  await mesh.run("start", "--registry-only", "-d");
  await save(file, 0, "--watch --allow-net --allow-env --allow-read --allow-sys");
  return await mesh.execute(file, { MCP_MESH_HTTP_PORT: "0" });
}

/**
 * Times of saves in milliseconds, each until the line that tells of it.
 *
 * @param before The last line before the first of them.
 */
async function timed(
  file: string,
  program: RunningMeshctl,
  told: string,
  before: string,
): Promise<number[]> {
  const times: number[] = [];
  for (let number = 1; number <= SAVES; number++) {
    await delay(PAUSE_MS);
    const start = performance.now();
    await save(file, number, "");
    before = await program.line(told, before);
    times.push(performance.now() - start);
  }
  return times;
}
