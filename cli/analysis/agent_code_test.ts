import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { processTest } from "../../.ci/fixtures/process_tests.ts";
import { runtimeLock, settleCode } from "./agent_code.ts";
import { withFiles } from "./files_fixture.ts";
import { EMPTY_LOCK, keeps, LockFileSchema } from "./lock_file.ts";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[/\\]$/, "");

/** An earlier version than the newest that is wanted. */
const OLD_MS = {
  ...EMPTY_LOCK,
  specifiers: { "npm:ms@2": "2.1.2" },
  npm: {
    "ms@2.1.2": {
      integrity:
        "sha512-sGkPx+VjMtmA6MX27oA4FBFELFCZZ4S4XqeGOXCv68tT+jb3vk/RyaKWP0PTKyWtmLSM0b+adUTEvbs1PEaH2w==",
    },
  },
};

processTest(
  "settleCode() keeps the packages of a module without a project, once chosen",
  async () => {
    await withFiles({
      "alone/a.ts": 'import ms from "npm:ms@2";\nconsole.log(ms);\n',
      "alone/b.ts": 'import { z } from "zod";\nconsole.log(z);\n',
      "project/deno.json": {},
      "project/deno.lock": EMPTY_LOCK,
      "project/a.ts": 'import ms from "npm:ms@2";\nconsole.log(ms);\n',
    }, async (folder) => {
      const kept = (file: string) => join(folder, "kept", file.replaceAll(/\W/g, "_"));
      const settle = async (name: string) => {
        const file = join(folder, name);
        const place = {
          ...{ deno: Deno.execPath(), root, closed: [], keptLock: kept },
          environment: Deno.env.toObject(),
        };
        const code = await settleCode([{ file, permissions: {} }], place);
        return code.get(file)?.lock.specifiers["npm:ms@2"];
      };
      const read = (name: string) =>
        LockFileSchema.parse(JSON.parse(Deno.readTextFileSync(kept(join(folder, name)))));
      const first = await settle("alone/a.ts");
      equal(read("alone/a.ts").specifiers["npm:ms@2"], first);
      // As if it had been started when that was the newest.
      Deno.writeTextFileSync(kept(join(folder, "alone/a.ts")), JSON.stringify(OLD_MS));
      equal(await settle("alone/a.ts"), "2.1.2");
      // The packages of the runtime come first, whatever was kept.
      ok(keeps(read("alone/a.ts"), runtimeLock(root)));
      // A module that wants none of its own, or whose project has a lock file, has nothing kept.
      await settle("alone/b.ts");
      await settle("project/a.ts");
      deepEqual([...Deno.readDirSync(join(folder, "kept"))].length, 1);
    });
  },
);
