import { deepEqual } from "node:assert/strict";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Reaper } from "../sandbox/reaper.ts";
import { codePlace } from "./code_place.ts";

/** It looks after nothing: no process is started. */
const reaper = {} as Reaper;

Deno.test("codePlace() closes the data of agents that have come since it was planned", async () => {
  const root = await realpath(await mkdtemp(join(tmpdir(), "code-place-")));
  try {
    const real = join(root, "real");
    await mkdir(join(real, "me"), { recursive: true });
    await symlink(real, join(root, "data"));
    const data = join(root, "data/me");
    const code = { args: [], deno_dir: root, cwd: root, closed: ["/closed"], unwritable: [] };
    const planned = { name: "me", record: join(root, "agents/me.json"), code, data };
    const place = codePlace(planned, { environment: {}, reaper, data, isDataClosed: () => false });
    const closed = () => place?.facts().closed.map((path) => path.replace(root, ""));
    deepEqual(closed(), ["/closed"]);
    await writeFile(join(real, "me.json"), "{}");
    await mkdir(join(real, "new"));
    deepEqual(closed()?.toSorted(), [
      ...["/closed", "/data/me.json", "/data/new", "/real/me.json", "/real/new"],
    ]);
    // Until its folder is known, it has none.
    const without = codePlace(planned, {
      environment: {},
      reaper,
      data: undefined,
      isDataClosed: () => false,
    });
    deepEqual(without?.facts().closed.includes(data), true);
  } finally {
    await rm(root, { recursive: true });
  }
});
