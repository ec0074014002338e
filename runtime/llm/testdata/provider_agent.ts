/** A provider as people write them. */
import { llmProvider } from "mesh";

export default llmProvider({
  name: "openai-provider",
  model: "openai/gpt-4o-mini",
  tags: ["openai", "gpt"],
});
