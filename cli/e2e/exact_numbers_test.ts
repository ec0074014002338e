/** Numbers that JavaScript does not hold, from a user to a server of another language and back. */
import { equal, match } from "node:assert/strict";
import { withMesh } from "./meshctl.ts";
import { userFile } from "./program.ts";

const LARGE = "1915883588174806058";
const ways: [how: string, args: string[]][] = [
  ["name:=json", [`id:=${LARGE}`]],
  ["JSON", [`{"id":${LARGE}}`]],
  ["JSON, past the proxy", [`{"id":${LARGE}}`, "--use-proxy=false"]],
  ["JSON, with the value as it comes", [`{"id":${LARGE}}`, "--stream"]],
];

Deno.test("meshctl call sends and shows all digits of numbers", async (t) => {
  const server = userFile("runtime/bridge/testdata/exact_server.ts");
  await withMesh(async (mesh) => {
    const file = `${mesh.home}/exact.ts`;
    await Deno.writeTextFile(
      file,
      `#!/usr/bin/env -S deno run --allow-run=${Deno.execPath()}\n` +
        'import { mcpAgent } from "mesh";\n' +
        `export default mcpAgent({ name: "exact", command: ${JSON.stringify(Deno.execPath())}, ` +
        `args: ["run", "--quiet", ${JSON.stringify(server)}] });\n`,
    );
    const started = await mesh.run("start", "-d", file);
    equal(started.code, 0, started.stderr);
    for (const [how, args] of ways) {
      await t.step(how, async () => {
        const { code, stdout, stderr } = await mesh.run("call", "exact:echo", ...args);
        equal(code, 0, stderr);
        match(stdout, new RegExp(`"id": ?${LARGE}\\b`));
      });
    }
  });
});
