import { deepEqual } from "node:assert/strict";
import { type AgentParts, concerned } from "./concern.ts";

function agent(name: string, parts: Partial<AgentParts> & { shares?: string[] } = {}) {
  const file = `/app/${name}.ts`;
  return {
    name,
    file,
    modules: new Set([file, ...(parts.shares ?? [])]),
    prompts: new Set<string>(),
    isBehind: false,
    ...parts,
  };
}

const agents = [
  agent("a", { shares: ["/app/shared.ts"], prompts: new Set(["/app/prompts/a.njk"]) }),
  agent("b", { shares: ["/app/shared.ts"] }),
  agent("c", { isBehind: true }),
  { ...agent("d"), file: "/other/d.ts", modules: new Set(["/other/d.ts"]) },
];

const rows: [string, string[], string[]][] = [
  ["its own module", ["/app/a.ts"], ["a"]],
  ["a module it shares", ["/app/shared.ts"], ["a", "b"]],
  ["a prompt somebody uses, and one that is behind", ["/app/prompts/a.njk"], ["a", "c"]],
  ["a prompt nobody says to use", ["/app/prompts/new.md"], ["a", "b", "c"]],
  ["a file of nobody", ["/app/readme.md"], []],
  ["several", ["/app/b.ts", "/other/d.ts"], ["b", "d"]],
];

for (const [what, paths, names] of rows) {
  Deno.test(`concerned() by ${what}: ${names.join(", ") || "nobody"}`, () => {
    deepEqual(concerned(paths, agents).map(({ name }) => name), names);
  });
}
