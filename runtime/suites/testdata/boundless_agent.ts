/** Answers, and asks for, more than fits: what bounds_test.ts calls in both hosts. */
import { agent, tool } from "mesh";
import { z } from "zod";

const MIB = 1024 * 1024;
const Size = z.object({ mib: z.number() });
const Depth = z.object({ depth: z.number() });

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 ? [value] : { value };
  return value;
}

export default agent({
  name: "boundless",
  tools: {
    text: tool({ input: Size }, ({ mib }) => "x".repeat(mib * MIB)),
    checked: tool({ input: Size, output: z.string() }, ({ mib }) => "x".repeat(mib * MIB)),
    object: tool({ input: Size }, ({ mib }) => ({ text: "x".repeat(mib * MIB) })),
    escaped: tool({ input: Size }, ({ mib }) => ({ text: '"'.repeat(mib * MIB) })),
    content: tool({ input: Size }, ({ mib }) => ({
      content: [{ type: "text", text: "x".repeat(mib * MIB) }],
    })),
    bytes: tool({ input: Size }, ({ mib }) => new Uint8Array(mib * MIB)),
    error: tool({ input: Size }, ({ mib }) => {
      throw new Error("x".repeat(mib * MIB));
    }),
    deep: tool({ input: Depth }, ({ depth }) => nested(depth)),
    deepContent: tool({ input: Depth }, ({ depth }) => ({
      content: [{ type: "text", text: "x" }],
      structuredContent: { nested: nested(depth) },
    })),
    deepChunk: tool({ input: Depth }, async function* ({ depth }) {
      yield await Promise.resolve(nested(depth));
    }),
    stream: tool({ input: Size }, async function* ({ mib }) {
      for (let sent = 0; sent < mib; sent++) yield await Promise.resolve("x".repeat(MIB));
    }),
    numbers: tool({ input: z.object({ count: z.number() }) }, async function* ({ count }) {
      for (let sent = 0; sent < count; sent++) yield sent % 100 ? 1 : await Promise.resolve(1);
    }),
    ask: tool({
      input: Depth,
      dependencies: { other: { capability: "other", required: true } },
    }, async ({ depth }, { other }) => await other({ nested: nested(depth) })),
    count: tool({
      dependencies: { other: { capability: "other", required: true } },
    }, async (_, { other }) => {
      let count = 0;
      for await (const _chunk of other.stream()) count++;
      return count;
    }),
    fine: tool({}, () => "fine"),
  },
});
