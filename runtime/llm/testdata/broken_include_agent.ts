import { agent, tool } from "mesh";

export default agent({
  name: "broken-include",
  tools: { write: tool({ llm: { system: "file://prompts/broken_include.njk" } }, () => "") },
});
