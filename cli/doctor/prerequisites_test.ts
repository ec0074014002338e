import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CliError, EXIT } from "../base/exit.ts";
import { meshHome } from "../machine/home.ts";
import { readStartable } from "../start/startable_agent.ts";
import { checkPrerequisites } from "./prerequisites.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What a start of an agent with each of these texts is told. */
async function checked(
  modules: Record<string, string>,
  { watch = false, environment = {} as Record<string, string> } = {},
): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "mesh-prerequisites-"));
  try {
    const context = { deno: Deno.execPath(), root, cwd: folder, program: "meshctl" };
    const start = { environment, home: meshHome(folder) };
    const sources = await Promise.all(
      Object.entries(modules).map(async ([name, text]) => {
        await writeFile(join(folder, name), text);
        return await readStartable(join(folder, name), undefined, start, context);
      }),
    );
    return await checkPrerequisites({ ...start, sources, watch }, context);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const WELL = 'import { agent } from "mesh";\nexport default agent({ name: "well", tools: {} });\n';
const KEYED = `#!/usr/bin/env -S deno run --allow-env=MY_TOKEN\n${WELL.replace("well", "keyed")}`;
const LOST = `import "./gone.ts";\n${WELL.replace("well", "lost")}`;
const PROVIDER = "#!/usr/bin/env -S deno run --allow-env=OPENAI_API_KEY\n" +
  'import { llmProvider } from "mesh";\n' +
  'export default llmProvider({ name: "provider", model: "openai/gpt-4o-mini" });\n';

processTest("checkPrerequisites() says nothing of what is well", async () => {
  deepEqual(await checked({ "well.ts": WELL }), []);
  deepEqual(await checked({ "keyed.ts": KEYED }, { environment: { MY_TOKEN: "x" } }), []);
});

processTest(
  "checkPrerequisites() warns of what starts and will not work, with the command that helps",
  async () => {
    deepEqual(await checked({ "keyed.ts": KEYED }), [
      "keyed: MY_TOKEN, which its first line lets it read, is not set\n  Fix: export MY_TOKEN=…",
    ]);
  },
);

processTest(
  "checkPrerequisites() leaves the key of a model to the health of its provider",
  async () => {
    deepEqual(await checked({ "provider.ts": PROVIDER }), []);
  },
);

processTest(
  "checkPrerequisites() refuses what cannot start, all of it, with the commands in one hint",
  async () => {
    const bare = WELL.replace("import", 'import "of-nobody";\nimport').replace("well", "bare");
    await rejects(checked({ "bare.ts": bare, "lost.ts": LOST, "keyed.ts": KEYED }), (error) => {
      equal(error instanceof CliError, true);
      if (!(error instanceof CliError)) return false;
      equal(error.code, EXIT.failure);
      match(error.message, /^bare did not start: bare\.ts:1:8 imports "of-nobody"/);
      match(error.message, /\nlost did not start: lost\.ts:1:8 imports "\.\/gone\.ts"/);
      match(error.hint ?? "", /^Nothing was started\.\nFix: perl .* bare\.ts$/);
      return true;
    });
  },
);

processTest(
  "checkPrerequisites() lets a watched start go on without what may come with a save",
  async () => {
    deepEqual(await checked({ "lost.ts": LOST }, { watch: true }), []);
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const text = WELL.replace("tools", `port: ${listener.addr.port}, tools`);
    await rejects(checked({ "well.ts": text }, { watch: true }), /well did not start: port \d+ is/);
  },
);
