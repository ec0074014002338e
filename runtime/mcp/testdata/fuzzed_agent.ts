/** An agent that has some of everything, for random requests. */
import { agent, elicit, prompt, resource, tool } from "mesh";
import { z } from "zod";

export default agent({
  name: "fuzzed",
  sessions: true,
  tools: {
    echo: tool({ input: z.object({ value: z.unknown() }) }, ({ value }) => value),
    strict: tool({
      input: z.object({ n: z.number().int(), s: z.string().optional() }),
      output: z.object({ n: z.number() }),
    }, ({ n }) => ({ n })),
    fails: tool({}, () => {
      throw new Error("never works");
    }),
    streams: tool({}, async function* (_, { progress }) {
      progress(1, 2, "half");
      yield "a";
      yield await Promise.resolve({ b: [1] });
    }),
    asks: tool({}, async (_, { ask }) => {
      const { sure } = await ask({ sure: elicit("Sure?", z.object({ yes: z.boolean() })) });
      return sure.action;
    }),
  },
  prompts: {
    review: prompt({
      args: z.object({ title: z.string() }),
      complete: { title: (typed) => ["Emma", "Ulysses"].filter((each) => each.startsWith(typed)) },
    }, ({ title }) => `Review ${title}.`),
  },
  resources: {
    page: resource({ uri: "book://{title}/{page}" }, ({ title, page }) => ({ title, page })),
  },
});
