/** `doctor` beside a real registry and real agents, and what it suggests. */
import { deepEqual, equal, match } from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort, NO_LLM_KEYS, withMesh } from "./meshctl.ts";

Deno.test("doctor's fix for a registry that is missing starts one, and then all is well", async () => {
  await withMesh(async (mesh) => {
    const before = await mesh.run("doctor", "--json");
    equal(before.code, 1);
    const [failure] = findings(before.stdout).filter(({ level }) => level === "failure");
    const words = failure?.fix?.split(" ") ?? [];
    const args = words.slice(words.indexOf("start"));
    deepEqual(args, ["start", "--registry-only", "-d"]);
    equal((await mesh.run(...args)).code, 0);
    const after = await mesh.run("doctor", "--json");
    equal(after.code, 0, after.stdout);
    deepEqual(findings(after.stdout).filter(({ level }) => level === "failure"), []);
  });
});

Deno.test("doctor has nothing against the port of an agent that runs there", async () => {
  await withMesh(async (mesh) => {
    const agent = join(mesh.home, "openai-provider.ts");
    await mkdir(mesh.home, { recursive: true });
    await writeFile(
      agent,
      `#!/usr/bin/env -S deno run --allow-env=OPENAI_API_KEY
import { llmProvider } from "mesh";
export default llmProvider({
  name: "openai-provider",
  port: ${freePort()},
  model: "openai/gpt-4o-mini",
});
`,
    );
    const started = await mesh.run("start", "-d", agent);
    equal(started.code, 0, started.stderr);
    const told = started.stderr.match(/OPENAI_API_KEY/g) ?? [];
    equal(told.length, 1, `a key that is missing is told once: ${started.stderr}`);
    const { code, stdout } = await mesh.run("doctor", agent);
    equal(code, 0, stdout);
    match(stdout, /^warning {2}model {8}openai-provider: OPENAI_API_KEY is not set$/m);
  }, { ...NO_LLM_KEYS, MCP_MESH_HTTP_PORT: "" });
});

function findings(text: string): { check: string; level: string; fix?: string }[] {
  // As documented.
  return (JSON.parse(text) as { findings: { check: string; level: string; fix?: string }[] })
    .findings;
}
