import { deepEqual, equal, match } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { meshHome } from "../machine/home.ts";
import { readStartable } from "../start/startable_agent.ts";
import { checkAgents, keyFindings, modelFindings } from "./agent_checks.ts";
import type { Finding } from "./finding.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What is found of an agent with this text, in a folder of its own. */
async function found(
  text: string,
  environment: Record<string, string> = {},
): Promise<{ folder: string; findings: Finding[] }> {
  const folder = await Deno.makeTempDir();
  try {
    const file = join(folder, "some-agent.ts");
    await writeFile(file, text);
    const context = { deno: Deno.execPath(), root, cwd: folder, program: "meshctl" };
    const start = { environment, home: meshHome(folder) };
    const options = { ...start, sources: [await readStartable(file, undefined, start, context)] };
    return { folder, findings: await checkAgents(options, context) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const WELL = `#!/usr/bin/env -S deno run --allow-env=MY_KEY
import { agent } from "mesh";
Deno.env.get("MY_KEY");
export default agent({ name: "some-agent", tools: {} });
`;

processTest("checkAgents() has nothing to tell of an agent that is well", async () => {
  deepEqual((await found(WELL, { MY_KEY: "secret" })).findings, []);
});

processTest(
  "checkAgents() tells which imports lead nowhere, and a command for each that has one",
  async () => {
    const text = WELL.replace("import", 'import "lodash";\nimport "./gone.ts";\nimport');
    const { findings } = await found(text, { MY_KEY: "x" });
    deepEqual(findings.map(({ check, level, fix }) => [check, level, fix]), [
      ["imports", "failure", "perl -pi -e 's#([\"\\x27])lodash\\1#$1npm:lodash$1#' some-agent.ts"],
      ["imports", "failure", undefined],
    ]);
    match(findings[1]?.text ?? "", /some-agent\.ts:3:8 imports ".\/gone\.ts", which leads nowhere/);
  },
);

processTest("checkAgents() tells what a definition has that cannot be, and where", async () => {
  const { findings } = await found(
    `#!/usr/bin/env -S deno run
import { agent, tool } from "mesh";
import { z } from "zod";
const when = z.object({ when: z.date() });
export default agent({ name: "some-agent", tools: {
  list: tool({ input: when, dependencies: { list: { capability: "list", tag: ["-beta"] } } }, () => 1),
} });
`,
  );
  deepEqual(findings, [{
    check: "definition",
    level: "failure",
    agent: "some-agent",
    text: 'some-agent.ts:6:9: tool: "input.when" is z.date(), which no JSON value fits; ' +
      "use z.iso.datetime(), or z.coerce.date() to get a Date. " +
      '"dependencies.list.tag" is not a key of a dependency; did you mean "tags"?',
  }]);
});

const undeclarable: [what: string, text: string, problem: RegExp][] = [
  [
    "that it declares nothing",
    "export default 1;\n",
    /^some-agent\.ts.* exports no agent; end it with/,
  ],
  [
    "a name that cannot be",
    `import { agent } from "mesh";\nexport default agent({ name: "Some" });\n`,
    /^some-agent\.ts:2:16: agent name "Some" is not valid: use at most 63 lower-case/,
  ],
  [
    "a prompt that is not there",
    `import { agent, tool } from "mesh";
const t = tool({ llm: { system: "file://gone.njk" } }, () => 1);
export default agent({ name: "some-agent", tools: { t } });
`,
    /gone\.njk/,
  ],
];
for (const [what, text, problem] of undeclarable) {
  processTest(`checkAgents() tells ${what}`, async () => {
    const { findings } = await found(text);
    deepEqual(findings.map(({ check, level }) => [check, level]), [["definition", "failure"]]);
    match(findings[0]?.text ?? "", problem);
  });
}

processTest(
  "checkAgents() gives the flags that the first line lacks, by a command that adds them",
  async () => {
    const { findings } = await found(
      `${WELL}Deno.env.get("OTHER");\nawait fetch("https://a.example/");\n`,
      { MY_KEY: "x" },
    );
    const [finding] = findings;
    equal(findings.length, 1);
    match(
      finding?.text ?? "",
      /^some-agent\.ts:5 uses Deno\.env\.get\("OTHER"\), which needs --allow/,
    );
    match(finding?.fix ?? "", /^perl .* --allow-env=OTHER --allow-net=/);
  },
);

processTest("checkAgents() names who has a port, and how it is given up", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const text = WELL.replace("tools:", `port: ${port}, tools:`);
  const { findings: [finding] } = await found(text, { MY_KEY: "x" });
  match(finding?.text ?? "", new RegExp(`^port ${port} is taken by process ${Deno.pid} `));
  equal(finding?.fix, `kill ${Deno.pid}`);
  const elsewhere = await found(text, { MY_KEY: "x", MCP_MESH_HTTP_PORT: "0" });
  deepEqual(elsewhere.findings, []);
});

Deno.test("keyFindings() tells of secrets that may be read and are not there", () => {
  const env = ["A_API_KEY", "B_TOKEN", "HOME", "MCP_MESH_*"];
  const tell = (environment: Record<string, string>) =>
    keyFindings({ name: "a", permissions: { env } }, environment).map(({ fix }) => fix);
  deepEqual(tell({}), ["export A_API_KEY=…", "export B_TOKEN=…"]);
  deepEqual(tell({ A_API_KEY: "", B_TOKEN: "x" }), ["export A_API_KEY=…"]);
  deepEqual(keyFindings({ name: "a", permissions: { env: true } }, {}), []);
});

Deno.test("modelFindings() goes by every variable that a model's vendor has, and by a proxy", () => {
  const tell = (environment: Record<string, string>) =>
    modelFindings({ name: "a" }, "gemini/gemini-2.5-flash", environment)
      .map(({ text, fix }) => [text, fix]);
  deepEqual(tell({}), [
    ["GEMINI_API_KEY or GOOGLE_API_KEY is not set", "export GEMINI_API_KEY=…"],
  ]);
  deepEqual(tell({ GOOGLE_API_KEY: "x" }), []);
  deepEqual(tell({ LITELLM_BASE_URL: "http://localhost:4000" }), []);
  const [unknown] = modelFindings({ name: "a" }, "of-nobody/model", {});
  match(unknown?.text ?? "", /of no known vendor/);
  equal(unknown?.fix, undefined);
});
