import { equal, match, ok } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fixture, withMesh } from "./meshctl.ts";
import { hasTerminals, openTerminal } from "./terminal_fixture.ts";

/** The control sequence that empties a line, and the same in a regular expression. */
const [ERASE, ERASED] = ["\r\x1b[K", String.raw`\r\x1b\[K`];

/** An agent that takes long to load. */
const SLOW = `#!/usr/bin/env -S deno run
import { agent } from "mesh";
await new Promise((resolve) => setTimeout(resolve, 1_500));
export default agent({ name: "slow", tools: {} });
`;

const REPEATED = ["call", "who", "ms=150", "--repeat", "8", "--parallel", "2"];

Deno.test({
  name: "call --repeat shows on a terminal how far it is, and leaves nothing of it",
  ignore: !hasTerminals(),
  fn: async () => {
    await withMesh(async (mesh) => {
      equal((await mesh.run("start", "-d", fixture("replica"))).code, 0);
      const terminal = openTerminal(mesh, ...REPEATED);
      match(await terminal.sees(" of 8 calls"), new RegExp(`${ERASED}[⠋-⠿] ━*─* \\d$`));
      const rest = await terminal.sees("Calls    8, ");
      ok(rest.endsWith(ERASE));
      equal(await terminal.ended, 0);
    });
  },
});

Deno.test({
  name: "start -d shows on a terminal that it is under way",
  ignore: !hasTerminals(),
  fn: async () => {
    await withMesh(async (mesh) => {
      const file = join(mesh.home, "slow.ts");
      await writeFile(file, SLOW);
      const terminal = openTerminal(mesh, "start", "-d", file);
      await terminal.sees(" Waiting for slow");
      ok((await terminal.sees("Started 1 agent")).endsWith(ERASE));
      equal(await terminal.ended, 0);
    });
  },
});

Deno.test("nothing of how far it is goes to a program", async () => {
  await withMesh(async (mesh) => {
    const start = await mesh.run("start", "-d", fixture("replica"));
    equal(start.stderr.includes("\r"), false);
    const { stdout, stderr } = await mesh.run(...REPEATED);
    match(stdout, /^Calls {4}8, /);
    equal(stderr, "");
  });
});
