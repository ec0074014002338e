import { deepEqual, equal } from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tryWriting } from "./write_trial.ts";

Deno.test("tryWriting() says nothing of a folder that takes what is written, and leaves nothing", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mesh-trial-"));
  try {
    equal(await tryWriting(folder), undefined);
    deepEqual(await readdir(folder), []);
  } finally {
    await rm(folder, { recursive: true });
  }
});

Deno.test("tryWriting() tells what the system refuses, and what can be done", async () => {
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), {
    code: "ENOSPC",
  });
  deepEqual(await tryWriting("/nowhere", () => Promise.reject(full)), {
    message: "ENOSPC: no space left on device, write",
    advice: "Free some space, or set MCP_MESH_HOME to a folder on another disk.",
  });
});
