import { agent, tool } from "mesh";
import { z } from "zod";

const input = z.object({ topic: z.string(), rules: z.array(z.string()).default([]) });

export default agent({
  name: "writer",
  tools: {
    write: tool(
      { input, llm: { system: "file://prompts/writer.njk", tools: [{ tags: ["notes"] }] } },
      async ({ topic }, { llm, log }) => {
        log.info(`tools: ${llm.tools.map(({ name }) => name)}`);
        const { text, provider } = await llm.text(topic, { context: { mood: "good" } });
        return { text, provider };
      },
    ),
    stream: tool(
      { input, llm: {} },
      async function* ({ topic }, { llm }) {
        for await (const chunk of llm.stream(topic)) yield chunk;
      },
    ),
    value: tool(
      { input, llm: {} },
      async ({ topic }, { llm }) => (await llm.object(topic, z.object({ n: z.number() }))).value,
    ),
    ask_first: tool(
      { input, llm: { tools: [{ tags: ["notes"] }] } },
      async ({ topic }, { llm }) =>
        (await llm.text(topic, { onToolCall: ({ args }) => ({ args: { ...args, n: 2 } }) })).text,
    ),
  },
});
