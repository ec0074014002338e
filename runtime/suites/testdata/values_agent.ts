#!/usr/bin/env -S deno run
/** An agent that hands over every kind of value at every place where code can. */
import { agent, elicit, MeshError, prompt, resource, tool } from "mesh";
import { z } from "zod";

/** Values that JSON cannot hold as they are. */
const VALUES: Readonly<Record<string, () => unknown>> = {
  map: () => new Map([["a", 1]]),
  function: () => () => 1,
  symbol: () => Symbol("s"),
  nan: () => NaN,
  bigint: () => 1n,
  undefined: () => [undefined],
  empty: () => new (class Empty {})(),
  itself: () => {
    const itself: Record<string, unknown> = {};
    itself["again"] = itself;
    return itself;
  },
  numbers: () => new Float32Array(1),
  promise: () => Promise.resolve(1),
  date: () => new Date(0),
  bytes: () => new Uint8Array([1, 2, 255]),
  buffer: () => new Uint8Array([1, 2, 255]).buffer,
  blob: () => new Blob([new Uint8Array([1, 2, 255])]),
  png: () => new Blob([new Uint8Array([1, 2, 255])], { type: "image/png" }),
  wav: () => new Blob([new Uint8Array([1, 2, 255])], { type: "audio/wav" }),
  pdf: () => new File([new Uint8Array([1, 2, 255])], "a plan.pdf", { type: "application/pdf" }),
};

const which = z.object({ value: z.string() });
const valueOf = (name: string) => VALUES[name]?.();

let verdict: unknown = true;

export default agent({
  name: "values",
  tools: {
    answers: tool({ input: which }, ({ value }) => valueOf(value)),
    within: tool({ input: which, output: z.object({ at: z.array(z.unknown()) }) }, ({ value }) => ({
      at: [valueOf(value)],
    })),
    block: tool({ input: which }, ({ value }) => ({
      type: "image",
      data: valueOf(value),
      mimeType: "image/gif",
    })),
    ready_made: tool({ input: which }, ({ value }) => ({
      content: [{ type: "text", text: "x" }],
      structuredContent: { at: valueOf(value) },
    })),
    streams: tool({ input: which }, async function* ({ value }) {
      yield "first";
      yield await Promise.resolve(valueOf(value));
    }),
    asks: tool({
      input: which.extend({ how: z.enum(["call", "callTool", "stream"]) }),
      dependencies: { other: { capability: "other", required: true } },
    }, async ({ value, how }, { other }) => {
      const args = { at: valueOf(value) };
      if (how === "call") return await other(args);
      if (how === "callTool") return await other.callTool("sibling", args);
      return await Array.fromAsync(other.stream(args));
    }),
    fails: tool({ input: which }, ({ value }) => {
      throw new MeshError("bad_input", "not this", { details: { at: valueOf(value) } });
    }),
    questions: tool({ input: which }, async ({ value }, { ask }) => {
      await ask({ q: elicit("?", { type: "object", properties: { at: valueOf(value) } }) });
    }),
    logs: tool({ input: which }, ({ value }, { log }) => {
      log.info("with", { at: valueOf(value) });
    }),
    set_health: tool({ input: which }, ({ value }) => {
      verdict = { status: "unhealthy", checks: { at: valueOf(value) } };
    }),
  },
  prompts: {
    shows: prompt({ args: which }, ({ value }) => [{
      role: "user",
      content: { type: "image", data: valueOf(value) as string, mimeType: "image/gif" },
    }]),
  },
  resources: {
    bare: resource({ uri: "bare://{value}" }, ({ value }) => valueOf(value) as Uint8Array),
    within: resource({ uri: "within://{value}" }, ({ value }) => ({ at: valueOf(value) })),
    pieces: resource({ uri: "pieces://{value}" }, ({ value, uri }) => ({
      contents: [{ uri, blob: valueOf(value) as string }],
    })),
  },
  // What is no verdict is part of the test.
  healthCheck: () => verdict as boolean,
});
