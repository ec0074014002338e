import { agent, tool } from "mesh";

export default agent({
  name: "missing",
  tools: { write: tool({ llm: { system: "file://prompts/missing.njk" } }, () => "") },
});
