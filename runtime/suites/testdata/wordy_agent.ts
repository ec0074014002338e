/** Says much, and something when it ends. */
import { agent, tool } from "mesh";
import { z } from "zod";

export default agent({
  name: "wordy",
  lifespan: () => ({
    [Symbol.asyncDispose]: () => {
      console.log("last words");
      return Promise.resolve();
    },
  }),
  tools: {
    talk: tool({ input: z.object({ lines: z.number() }) }, ({ lines }) => {
      for (let line = 0; line < lines; line++) console.log(`line ${line}`);
      return "said";
    }),
  },
});
