import { agent, tool } from "mesh";

export default agent({
  name: "inline",
  tools: { write: tool({ llm: { system: "Hello\n{{ name " } }, () => "") },
});
