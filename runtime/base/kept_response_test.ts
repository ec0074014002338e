import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { keptWithBody } from "./kept_response.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

/** Nobody waits longer for a read that was aborted, milliseconds. */
const PATIENCE_MS = 30_000;

processTest(
  "keptWithBody() lets an abort reach a body whose reader is all that is left",
  async () => {
    const file = fileURLToPath(new URL("./testdata/abort_after_collection.ts", import.meta.url));
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", "--no-check", "--v8-flags=--expose-gc", file],
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).output();
    const decoder = new TextDecoder();
    assert.deepEqual([decoder.decode(stdout), decoder.decode(stderr)], ["enough\n", ""]);
  },
);

Deno.test("keptWithBody() gives the same response back, with a body or without", async () => {
  const response = new Response("text");
  assert.equal(keptWithBody(response), response);
  assert.equal(await response.text(), "text");
  const empty = new Response(null, { status: 204 });
  assert.equal(keptWithBody(empty), empty);
});
