import { agent, tool } from "mesh";

export default agent({
  name: "bad",
  tools: { write: tool({ llm: { system: "file://prompts/bad.njk" } }, () => "") },
});
