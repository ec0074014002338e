import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contextFixture } from "../app/context_fixture.ts";
import { dispatch } from "../app/dispatch.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

const REFUSED: [what: string, args: string[], message: RegExp][] = [
  ["an unknown kind", ["toool"], /unknown command "toool" of scaffold/],
  ["an unknown --agent-type", ["--agent-type", "x", "--name", "a"], /--agent-type is "x"/],
  ["no name", ["tool"], /the agent needs a name/],
  ["a bad name", ["tool", "-n", "A b"], /"A b" is no name of an agent\n.*such as a-b/],
  ["another language", ["tool", "-n", "a", "--lang", "python"], /--lang is "python"/],
  ["a bad port", ["tool", "-n", "a", "-p", "70000"], /--port is 70000/],
  ["a bad tool", ["tool", "-n", "a", "--tool-name", "a-b"], /"a-b" is no name of a tool/],
  ["a vendor nobody knows", ["llm-provider", "--vendor", "x"], /"x" is no vendor/],
  ["a bad filter", ["llm-agent", "--filter", "{"], /--filter is \{/],
  ["a bad format", ["llm-agent", "--response-format", "xml"], /--response-format is "xml"/],
  ["a bad parameter", ["llm-agent", "--context-param", "request"], /--context-param is "request"/],
  ["templates of the reference", ["--template-dir", "x", "-n", "a"], /--template-dir is not under/],
  ["--config without a file", ["--config"], /--config needs a file/],
  ["an option of another kind", ["tool", "-n", "a", "--vendor", "x"], /unknown option --vendor/],
];

for (const [what, args, message] of REFUSED) {
  Deno.test(`scaffold refuses ${what}`, async () => {
    const fixture = contextFixture();
    equal(await dispatch(["scaffold", ...args], fixture.context), 2);
    match(fixture.stderr(), message);
  });
}

processTest("scaffold understands the reference's words without showing them", async () => {
  for (const args of [["basic", "-n", "a"], ["--agent-type=tool", "--name=a"], ["-n", "a"]]) {
    const fixture = contextFixture();
    equal(await dispatch(["scaffold", ...args, "--dry-run"], fixture.context), 0);
    match(fixture.stdout(), /\+\+\+ b\/a\/main\.ts[^]*\+ {2}name: "a"/);
  }
  const help = contextFixture();
  await dispatch(["help", "scaffold", "llm-agent"], help.context);
  deepEqual([/--vendor/, /--llm-selector/].map((word) => word.test(help.stdout())), [true, false]);
});

Deno.test("the wizard asks again for what will not do, and ends with its input", async () => {
  const fixture = contextFixture({ isInteractive: true, stdin: "robot\nllm-provider\n" });
  equal(await dispatch(["scaffold"], fixture.context), 1);
  match(fixture.stderr(), /"robot" is none of them\nKind .*Vendor .*the answers ended/);
});

Deno.test("scaffold observability shows the stack as a patch, also in the reference's form", async () => {
  for (const args of [["observability"], ["--observability", "--project-name", "trips"]]) {
    const fixture = contextFixture();
    equal(await dispatch(["scaffold", ...args, "--dry-run", "-o", "Trip 1"], fixture.context), 0);
    match(fixture.stdout(), /^\+\+\+ b\/Trip 1\/docker-compose\.observability\.yml$/m);
    match(fixture.stdout(), args.includes("trips") ? /^\+name: trips/m : /^\+name: trip-1/m);
  }
  const fixture = contextFixture();
  equal(await dispatch(["scaffold", "observability", "-o", "/…"], fixture.context), 2);
  match(fixture.stderr(), /"" cannot name a project\nUse small letters/);
});

processTest("scaffold --config writes what a file describes, and options win over it", async () => {
  const cwd = await mkdtemp(join(tmpdir(), "mesh-scaffold-config-"));
  const run = async (...args: string[]) => {
    const fixture = contextFixture({ cwd });
    const code = await dispatch(["scaffold", ...args, "--dry-run"], fixture.context);
    return { code, stdout: fixture.stdout(), stderr: fixture.stderr() };
  };
  try {
    await writeFile(
      join(cwd, "agent.yaml"),
      "name: booker\nport: 9101\ntools:\n" +
        "  - { capability: book, tags: [a, b], dependencies: [user_preferences] }\n" +
        "  - { capability: cancel }\n",
    );
    const { code, stdout } = await run("--config", "agent.yaml");
    equal(code, 0);
    match(stdout, /\+\+\+ b\/booker\/main\.ts[^]*\+ {2}port: 9101,/);
    match(stdout, /\+ {4}book: tool\([^]*\["a", "b"\][^]*userPreferences[^]*\+ {4}cancel: tool\(/);
    const other = await run("--config=agent.yaml", "-n", "other", "--port", "9102", "--tags", "c");
    match(other.stdout, /\+\+\+ b\/other\/main\.ts[^]*\+ {2}port: 9102,[^]*\["c"\]/);
    doesNotMatch(other.stdout, /9101|booker|"a"/);

    await writeFile(join(cwd, "bad.yaml"), "name: [\n");
    const bad = await run("--config", "bad.yaml");
    equal(bad.code, 2);
    match(bad.stderr, /bad\.yaml is no YAML: .* line 2/);
    equal((await run("--config", "gone.yaml")).code, 3);
  } finally {
    await rm(cwd, { recursive: true });
  }
});

processTest(
  "scaffold llm-agent --context-param names the other parameter, in its prompt too",
  async () => {
    const fixture = contextFixture();
    const args = ["llm-agent", "-n", "a", "--context-param", "ctx", "--provider-tags", "fast,+gpt"];
    equal(await dispatch(["scaffold", ...args, "--dry-run"], fixture.context), 0);
    match(fixture.stdout(), /ctx: z\.string\(\)\.optional\(\)[^]*\{% if ctx %\}[^]*\{\{ ctx \}\}/);
    match(fixture.stdout(), /provider: \{ tags: \["fast", "\+gpt"\] \}/);
    match(fixture.stdout(), /mesh\.fake\("llm", .*, \{ tags: \["fast"\] \}\)/);
  },
);
