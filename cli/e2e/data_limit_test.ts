/** Code that keeps more in its data folder than it may cannot write there until files are removed. */
import { equal, match, ok } from "node:assert/strict";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { processTest } from "../../.ci/fixtures/process_tests.ts";
import type { AgentRecord } from "../../runtime/process/plan.ts";
import { waitInFolder } from "../machine/folder_watch.ts";
import { meshHome } from "../machine/home.ts";
import { withMesh } from "./meshctl.ts";

/** Longest that a change is waited for, milliseconds. */
const WAIT_MS = 30_000;

const AGENT = `#!/usr/bin/env -S deno run FLAGS
import { agent, tool } from "mesh";
import { z } from "zod";
let folder = "";
export default agent({
  name: "keeper",
  lifespan: async ({ dataFolder }) => {
    folder = dataFolder;
    return { async [Symbol.asyncDispose]() {} };
  },
  tools: {
    keep: tool({ input: z.object({ name: z.string(), mib: z.number() }) }, ({ name, mib }) => {
      Deno.writeFileSync(folder + "/" + name, new Uint8Array(mib * 1024 ** 2).fill(1));
      return "kept";
    }),
    size: tool({ input: z.object({ name: z.string() }) }, ({ name }) =>
      Deno.readFileSync(folder + "/" + name).length),
  },
});
`;

for (const flags of ["", "--allow-read --allow-write"]) {
  processTest(`a data folder has a limit; first line: "${flags}"`, async () => {
    await withMesh(async (mesh) => {
      const home = meshHome(mesh.home);
      const file = join(mesh.home, "agents-of-a-test", "keeper.ts");
      await mkdir(join(mesh.home, "agents-of-a-test"));
      await writeFile(file, AGENT.replace("FLAGS", flags));
      equal((await mesh.run("start", "-d", file)).code, 0);
      const call = (...args: string[]) => mesh.run("call", ...args, "-o", "value");
      /** Settles once the folder is as it should be, and another process runs the code than before. */
      const changed = (isClosed: boolean, before: number) =>
        waitInFolder(home.agents, async () => {
          const record = await recordOf();
          const is = record.data_use?.closed !== undefined;
          const [code] = record.code ?? [];
          return is === isClosed && code !== undefined && code.pid !== before ? record : undefined;
        }, { signal: AbortSignal.timeout(WAIT_MS) });
      const recordOf = async (): Promise<AgentRecord> =>
        JSON.parse(await readFile(home.record("keeper"), "utf8"));
      const pidOf = ({ code }: AgentRecord) => code?.[0]?.pid ?? 0;

      const first = pidOf(await recordOf());
      equal((await call("keep", "name=small", "mib:=0.5")).stdout, "kept\n");
      equal((await call("keep", "name=large", "mib:=3")).stdout, "kept\n");
      const closed = await changed(true, first);
      ok(closed, "the code is ended");
      match(closed.data_use?.closed ?? "", /^keeps 4 MiB in its data folder, more than .* 2 MiB$/);
      equal((await call("size", "name=small")).stdout, "524288\n", "it may read");
      const refused = await call("keep", "name=more", "mib:=0.1");
      equal(refused.code, 5);
      match(refused.stdout + refused.stderr, /Requires write access/);
      equal(pidOf(await recordOf()), pidOf(closed), "it goes on");

      const told = (await mesh.run("permissions")).stdout;
      match(told, /Keeps {6}files in \S+keeper: 4 MiB of 2 MiB\n +but may not write there/);
      const { agents: [shown] } = JSON.parse((await mesh.run("permissions", "--json")).stdout);
      equal(shown.data_use.limit, 2 * 1024 ** 2);
      match(
        (await mesh.run("doctor", "--timeout", "0.2")).stdout,
        /keeper keeps 4 MiB in its data folder, more than its limit of 2 MiB/,
      );
      const log = await readFile(home.log("keeper"), "utf8");
      match(log, /ERROR agent "keeper" keeps 4 MiB .* MCP_MESH_DATA_LIMIT/);
      match(log, /crashed: its process keeps 4 MiB in its data folder/);

      await rm(join(home.data("keeper"), "large"));
      ok(await changed(false, pidOf(closed)), "it may write again");
      equal((await call("keep", "name=more", "mib:=0.1")).stdout, "kept\n");

      // It is measured before its code is started, too.
      await mesh.run("stop", "keeper");
      await writeFile(join(home.data("keeper"), "large"), new Uint8Array(3 * 1024 ** 2));
      equal((await mesh.run("start", "-d", file)).code, 0);
      equal((await call("keep", "name=other", "mib:=0.1")).code, 5);
    }, { MCP_MESH_DATA_LIMIT: "2MiB" });
  });
}
