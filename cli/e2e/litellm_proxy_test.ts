/** A mesh whose provider asks a LiteLLM proxy, the real one, in front of a scripted vendor. */
import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { ModelParamsSchema } from "../../runtime/define/contract.ts";
import { FailoverEngine } from "../../runtime/llm/engine/failover_engine.ts";
import { scriptedLlm } from "../../runtime/testing/mod.ts";
import { LITELLM, liteLlm, PROXY_KEY } from "./litellm_fixture.ts";
import { fixture, NO_LLM_KEYS, withMesh } from "./meshctl.ts";

const MODEL = "openai/gpt-4o-mini";
const VENDOR_KEY = "sk-vendor-0123456789";

const steps = [
  { when: "slow down", status: 429, error: "Rate limit reached for requests" },
  {
    when: "everything",
    status: 400,
    error:
      "This model's maximum context length is 8192 tokens. However, your messages resulted in " +
      "9001 tokens.",
    errorFields: { code: "context_length_exceeded", type: "invalid_request_error" },
  },
  { when: "no key", status: 401, error: `Incorrect API key provided: ${VENDOR_KEY}` },
  { when: "how long", json: { days: 3 } },
  { when: "rain in", text: ["It rains", " in Oslo."] },
  { when: "weather", toolCalls: [{ name: "get_weather", arguments: { city: "Oslo" } }] },
];

Deno.test(
  "through a LiteLLM proxy: tools, streams, values, and failures as what they are " +
    "(needs litellm[proxy]; .ci/run installs it)",
  { ignore: LITELLM === undefined },
  async (t) => {
    await using llm = scriptedLlm(steps, { key: VENDOR_KEY });
    await using proxy = await liteLlm([MODEL], llm.url, VENDOR_KEY);
    const asked = () => llm.requests.length;
    await withMesh(async (mesh) => {
      const started = await mesh.run("start", "-d", fixture("llm_provider"), fixture("forecaster"));
      equal(started.code, 0, started.stderr);
      const call = (tool: string, about: string) =>
        mesh.run("call", tool, JSON.stringify({ about }));

      await t.step("a tool is called, and the text comes at once", async () => {
        const { code, stdout, stderr } = await call("ask", "How is the weather?");
        equal(code, 0, stderr);
        deepEqual(JSON.parse(stdout).structuredContent, { result: "It rains in Oslo." });
      });

      await t.step("a tool is called, and the text is streamed", async () => {
        const { code, stdout, stderr } = await call("tell", "How is the weather?");
        equal(code, 0, stderr);
        match(stdout, /It rains in Oslo\./);
      });

      await t.step("a value fits its schema", async () => {
        const { code, stdout, stderr } = await call("form", "For how long?");
        equal(code, 0, stderr);
        deepEqual(JSON.parse(stdout).structuredContent, { days: 3 });
      });

      const failures: [name: string, about: string, said: RegExp, requests: number][] = [
        ["429 is tried three times", "slow down", /: 429 .*Rate limit reached.*tried 3 times/s, 3],
        ["too long is final", "everything", /: 400 .*8192 tokens.*; shorten the conversation/s, 1],
        ["a bad key is final", "no key", /: 401 .*Incorrect API key provided/s, 1],
      ];
      for (const [name, about, said, requests] of failures) {
        await t.step(name, async () => {
          const before = asked();
          const { code, stdout, stderr } = await call("ask", about);
          equal(code, 5);
          match(stdout + stderr, said);
          equal(asked() - before, requests);
        });
      }
      equal((await mesh.run("stop")).code, 0);
    }, { ...NO_LLM_KEYS, LITELLM_BASE_URL: proxy.url, LITELLM_API_KEY: PROXY_KEY });

    await t.step("a key that the proxy does not know is final, and reaches no vendor", async () => {
      const before = asked();
      const engine = new FailoverEngine({
        models: [MODEL],
        environment: () => ({
          LITELLM_BASE_URL: proxy.url,
          LITELLM_API_KEY: "sk-another-0123456789",
        }),
      });
      const params = ModelParamsSchema.parse({});
      const messages = [{ role: "user", content: "hi" }];
      const { signal } = new AbortController();
      await rejects(engine.turn({ messages, tools: [], params }, { signal }), {
        code: "llm_upstream",
      });
      equal(asked(), before);
    });
  },
);
