/** Providers of language models as processes, with a scripted vendor. */
import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { scriptedLlm } from "../../runtime/testing/mod.ts";
import { fixture, NO_LLM_KEYS, type TestMesh, withMesh } from "./meshctl.ts";

const KEY = "sk-seeded-secret-0123456789";
const HELLO = JSON.stringify({ request: { messages: [{ role: "user", content: "hello" }] } });

/** Every file below a mesh's home, as text. */
async function everything({ home }: TestMesh): Promise<string> {
  const entries = await readdir(home, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = await Promise.all(
    files.map(({ parentPath, name }) => readFile(join(parentPath, name), "latin1")),
  );
  return texts.join("\n");
}

/** The command lines of all processes. */
async function commandLines(): Promise<string> {
  const everybody = ["-c", "cat /proc/[0-9]*/cmdline 2>/dev/null"];
  const { stdout } = await new Deno.Command("sh", { args: everybody }).output();
  return new TextDecoder("latin1").decode(stdout);
}

Deno.test("a provider without a key starts, is listed with the reason, and is not called", async () => {
  await withMesh(async (mesh) => {
    const started = await mesh.run("start", "-d", fixture("llm_provider"));
    equal(started.code, 0, started.stderr);
    match(started.stderr, /^gpt is unhealthy: OPENAI_API_KEY is not set$/m);
    match(
      (await mesh.run("status", "gpt")).stdout,
      /Status: +unhealthy: OPENAI_API_KEY is not set$/m,
    );
    match((await mesh.run("list")).stdout, /^gpt is unhealthy: OPENAI_API_KEY is not set$/m);
    const { agents: [agent] } = JSON.parse((await mesh.run("list", "--json")).stdout);
    deepEqual(agent.health, { status: "unhealthy", errors: ["OPENAI_API_KEY is not set"] });
    equal((await mesh.run("call", "gpt", HELLO)).code, 3);
    match((await mesh.run("logs", "gpt")).stdout, /health is unhealthy: OPENAI_API_KEY is not set/);
    equal((await mesh.run("stop")).code, 0);
  }, NO_LLM_KEYS);
});

Deno.test("a provider with a key answers; the key is in no log, no record and no command line", async () => {
  await using llm = scriptedLlm([
    { text: "Hello yourself" },
    { status: 401, error: `Incorrect API key provided: ${KEY}` },
  ], { key: KEY });
  await withMesh(async (mesh) => {
    const started = await mesh.run("start", "-d", fixture("llm_provider"));
    equal(started.code, 0, started.stderr);
    match((await mesh.run("status", "gpt")).stdout, /Status: +healthy$/m);
    const answer = await mesh.run("call", "gpt", HELLO);
    equal(answer.code, 0, answer.stderr);
    equal(JSON.parse(answer.stdout).structuredContent.content, "Hello yourself");
    const refused = await mesh.run("call", "gpt", HELLO);
    equal(refused.code, 5);
    match(
      refused.stdout + refused.stderr,
      /did not answer: 401 Incorrect API key provided: \[key\]/,
    );
    doesNotMatch(await commandLines(), new RegExp(KEY));
    equal((await mesh.run("stop")).code, 0);
    doesNotMatch(
      await everything(mesh) + started.stdout + started.stderr + refused.stdout + refused.stderr,
      new RegExp(KEY),
    );
  }, { ...NO_LLM_KEYS, OPENAI_API_KEY: KEY, OPENAI_BASE_URL: llm.url });
});
