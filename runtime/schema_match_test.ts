import { equal } from "node:assert/strict";
import { agent, type MatchMode, tool } from "mesh";
import { testMesh } from "mesh/testing";
import * as z from "zod";

const Person = z.object({ user_id: z.int(), name: z.string() });

const people = agent({
  name: "people",
  tools: { person: tool({ output: Person }, () => ({ user_id: 7, name: "Ada" })) },
});

function asking(matchMode: MatchMode, output: z.ZodType) {
  return agent({
    name: "asking",
    tools: {
      ask: tool({
        output: z.string(),
        dependencies: { person: { capability: "person", output, matchMode } },
      }, async (_, { person }) => person === undefined ? "nobody" : JSON.stringify(await person())),
    },
  });
}

const cases: [mode: MatchMode, output: z.ZodType, answer: string][] = [
  ["strict", Person, '{"user_id":7,"name":"Ada"}'],
  ["strict", z.object({ name: z.string() }), "nobody"],
  ["subset", z.object({ name: z.string() }), '{"name":"Ada"}'],
  ["subset", z.object({ email: z.string() }), "nobody"],
];
for (const [mode, output, answer] of cases) {
  const wanted = Object.keys(z.toJSONSchema(output).properties ?? {});
  Deno.test(`a ${mode} dependency on ${wanted} is wired to ${answer}`, async () => {
    await using mesh = testMesh();
    await mesh.join(people);
    await mesh.join(asking(mode, output));
    equal(await mesh.call("ask", {}), answer);
  });
}
