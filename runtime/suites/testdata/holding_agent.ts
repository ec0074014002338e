/** An agent that holds something while it is served. */
import { agent, MeshError, tool } from "mesh";

let held = false;

const self = agent({
  name: "holding",
  tools: {
    holds: tool({}, () => held),
    crash: tool({}, () => {
      setTimeout(() => {
        throw new Error("crashed by request");
      });
      return new Promise(() => {});
    }),
  },
  healthCheck: () => held,
  lifespan: ({ log, checkHealth }) => {
    if (Deno.env.get("MESH_SUITE_REFUSES")) throw new MeshError("unreachable", "nothing to hold");
    held = true;
    log.info("opened", { answer: 42 });
    self.tools.add("found", tool({}, () => "found while opening"));
    checkHealth();
    return {
      async [Symbol.asyncDispose]() {
        await Promise.resolve();
        held = false;
        log.info("let go");
      },
    };
  },
});

export default self;
