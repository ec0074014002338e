import { equal } from "node:assert/strict";
import { declaredPort } from "./declared_port.ts";

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
