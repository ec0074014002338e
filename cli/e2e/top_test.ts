import { deepEqual, equal, match } from "node:assert/strict";
import { fixture, withMesh } from "./meshctl.ts";
import { hasTerminals, openTerminal } from "./terminal_fixture.ts";

Deno.test("top lists the agents of a mesh once, as a table and as a document", async () => {
  await withMesh(async (mesh) => {
    equal((await mesh.run("start", "-d", fixture("clock"))).code, 0);
    const table = await mesh.run("top", "--once", "--interval", "0.2");
    deepEqual([table.code, table.stderr], [0, ""]);
    match(table.stdout, /^AGENT .*\n-+\nclock-\w+ +healthy /);
    const document = JSON.parse(
      (await mesh.run("top", "--once", "--interval", "0.2", "--json")).stdout,
    );
    deepEqual(document.agents.map(({ name }: { name: string }) => name), ["clock"]);
  });
});

for (const [key, name] of [["q", "q"], ["\x03", "Ctrl+C"]] as const) {
  Deno.test({
    name: `top is live in a terminal, and leaves it clean on ${name}`,
    ignore: !hasTerminals(),
    fn: async () => {
      await withMesh(async (mesh) => {
        equal((await mesh.run("start", "-d", fixture("clock"))).code, 0);
        const terminal = openTerminal(mesh, "top", "--interval", "0.2");
        await terminal.sees("\x1b[?1049h\x1b[?25l");
        await terminal.sees("clock-");
        await terminal.sees("clock-");
        await terminal.type(key);
        await terminal.sees("\x1b[?25h\x1b[?1049l");
        equal(await terminal.ended, 0);
      });
    },
  });
}
