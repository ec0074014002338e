import { deepEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

/** Nobody waits longer for what was interrupted, milliseconds. */
const PATIENCE_MS = 30_000;

processTest(
  "systemContext() fetches so that Ctrl+C ends a stream of which only the body is held",
  async () => {
    const file = fileURLToPath(
      new URL("../testdata/interrupt_after_collection.ts", import.meta.url),
    );
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", "--no-check", "--v8-flags=--expose-gc", file],
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).output();
    const decoder = new TextDecoder();
    deepEqual([decoder.decode(stdout), decoder.decode(stderr)], ["clock-1\ntrue\n", ""]);
  },
);
