/** MCP servers that say more than fits, over each transport: that fails alone, with a code. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { isMeshError } from "../base/errors.ts";
import { decodeResult } from "../boundary/result.ts";
import type { CallToolResult } from "../protocol/mcp_content.ts";
import { type Bridged, bridged } from "./bridged_fixture.ts";
import { scriptedServer } from "./foreign_http_fixture.ts";
import { answersTo, TOOLS } from "./testdata/boundless_server.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

const program = fileURLToPath(new URL("testdata/boundless_server.ts", import.meta.url));

/** The code of the failure that a call of a tool comes to, or the beginning of its value. */
const outcomes: Record<string, string> = {
  "fine": '"fine"',
  "result-deep-150": '{"a":[[[[',
  "result-deep-201": "protocol",
  "result-deep-5000": "protocol",
  "result-deep-100000": "protocol",
  "result-long-33": "protocol",
  "error-deep-201": "tool_failed",
  "error-deep-100000": "tool_failed",
  "log-deep-201": '"fine"',
  "log-deep-100000": '"fine"',
  "progress-deep-201": '"fine"',
  "progress-deep-100000": '"fine"',
};

async function outcomeOf(self: Bridged, tool: string): Promise<string> {
  try {
    return JSON.stringify(decodeResult(await self.raw(tool) as CallToolResult));
  } catch (error) {
    return isMeshError(error) ? error.code : String(error);
  }
}

async function overHttp(inEvents: boolean): Promise<Bridged> {
  const foreign = scriptedServer((request, message) => {
    if (request.method !== "POST") return new Response(null, { status: 405 });
    const texts = answersTo(message as Parameters<typeof answersTo>[0]);
    if (texts.length === 0) return new Response(null, { status: 202 });
    // Only a stream of events holds more than one message.
    return inEvents || texts.length > 1
      ? new Response(texts.map((text) => `data: ${text}\n\n`).join(""), {
        headers: { "content-type": "text/event-stream" },
      })
      : new Response(texts[0], { headers: { "content-type": "application/json" } });
  });
  const self = await bridged({ url: foreign.url });
  return {
    ...self,
    async [Symbol.asyncDispose]() {
      await self[Symbol.asyncDispose]();
      await foreign[Symbol.asyncDispose]();
    },
  };
}

const transports: [how: string, test: typeof processTest, open: () => Promise<Bridged>][] = [
  ["over HTTP, as JSON", Deno.test, () => overHttp(false)],
  ["over HTTP, as events", Deno.test, () => overHttp(true)],
  [
    "over standard streams",
    processTest,
    () => bridged({ command: Deno.execPath(), args: ["run", "--quiet", program] }),
  ],
];

for (const [how, test, open] of transports) {
  test(`mcpAgent of a server that says more than fits ${how}`, async (t) => {
    await using self = await open();
    const listed = self.member.node.manifest.tools.map(({ name }) => name);
    assert.deepEqual(listed, TOOLS, "all but the one that is too deep to be shown");
    for (const tool of TOOLS) {
      const expected = outcomes[tool] ?? "";
      await t.step(`${tool} comes to ${expected}`, async () => {
        const outcome = await outcomeOf(self, tool);
        assert.equal(outcome.slice(0, expected.length), expected);
        assert.equal(await outcomeOf(self, "fine"), '"fine"');
      });
    }
    await t.step("a prompt that is too deep is a failure", async () => {
      await using client = await self.client();
      await assert.rejects(client.getPrompt({ name: "prompt-deep-201" }), /nested too deep/);
    });
    assert.equal(self.member.node.health.status, "healthy");
  });
}
