#!/usr/bin/env -S deno run --allow-net --allow-env=MCP_MESH_*
/** The agent at the far end of what the benchmarks time. */
import { agent, tool } from "mesh";
import { z } from "zod";

type State = "waiting" | "aborted";

/** When each call came into each state, in milliseconds since the epoch. */
const times = new Map<string, PromiseWithResolvers<number>>();

function at(id: string, state: State): PromiseWithResolvers<number> {
  const key = `${state} ${id}`;
  let time = times.get(key);
  if (time === undefined) times.set(key, time = Promise.withResolvers());
  return time;
}

const id = z.string();

export default agent({
  name: "far",
  tools: {
    wait: tool({ input: z.object({ id }) }, ({ id }, { signal }) => {
      at(id, "waiting").resolve(Date.now());
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          at(id, "aborted").resolve(Date.now());
          reject(signal.reason);
        });
      });
    }),
    aborted: tool({
      input: z.object({ id, state: z.enum(["waiting", "aborted"]) }),
      output: z.number(),
    }, ({ id, state }) => at(id, state).promise),
    count: tool({ input: z.object({ chunks: z.int() }) }, async function* ({ chunks }) {
      for (let number = 0; number < chunks; number++) yield await Promise.resolve(`${number} `);
    }),
  },
});
