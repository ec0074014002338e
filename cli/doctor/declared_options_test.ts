import { equal } from "node:assert/strict";
import { declaredModel, declaredPort } from "./declared_options.ts";

Deno.test("declaredPort() is the agent's own port, where the text tells", () => {
  const rows: [string, number | undefined][] = [
    ['export default agent({ name: "a", port: 9101, tools: {} });', 9101],
    ["export default gateway({\n  port: 80,\n});", 80],
    ["export default llmProvider({ port: PORT });", undefined],
    ["export default agent({ tools: { port: 5 } });", undefined],
    ["const port: number = 1;", undefined],
  ];
  for (const [text, port] of rows) equal(declaredPort(text), port, text);
});

Deno.test("declaredModel() is the provider's model, where nothing else says where it is", () => {
  const rows: [string, string | undefined][] = [
    ['llmProvider({ name: "a", model: "openai/gpt-4o-mini" });', "openai/gpt-4o-mini"],
    ['llmProvider({ model: "openai/x", keyVariable: "MINE" });', undefined],
    ['llmProvider({ models: ["openai/x"] });', undefined],
    ["llmProvider({ model: MODEL });", undefined],
    ['agent({ model: "openai/x" });', undefined],
  ];
  for (const [text, model] of rows) equal(declaredModel(text), model, text);
});
