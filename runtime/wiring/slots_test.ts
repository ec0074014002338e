import assert from "node:assert/strict";
import { agent } from "../define/agent.ts";
import type { AgentManifest } from "../define/manifest.ts";
import { tool } from "../define/tool.ts";
import { Slots } from "./slots.ts";

/** An agent whose tool depends on capabilities, by name. */
function depending(capabilities: Record<string, string>): AgentManifest {
  const dependencies = Object.fromEntries(
    Object.entries(capabilities).map(([name, capability]) => [name, { capability }]),
  );
  return agent({ name: "self", tools: { run: tool({ dependencies }, () => "ok") } }).manifest();
}

function provided(...capabilities: string[]) {
  return {
    dependencies_resolved: {
      run: capabilities.map((capability) => ({
        agent_id: `${capability}-1`,
        function_name: "provide",
        endpoint: "http://peer:1",
        capability,
        status: "available" as const,
      })),
    },
  };
}

Deno.test("Slots.describe() keeps what is declared as before and drops what is not", () => {
  const slots = new Slots(depending({ kept: "a", changed: "b", gone: "c" }));
  slots.apply(provided("a", "b", "c"));
  assert.deepEqual(slots.unresolved(), []);
  assert.equal(slots.describe(depending({ kept: "a", changed: "other", added: "d" })), true);
  assert.deepEqual([...slots.of("run").keys()], ["kept"]);
  assert.deepEqual(slots.unresolved().map(({ capability }) => capability), ["other", "d"]);
});

Deno.test("Slots.describe() says that nothing has to be wired when less or the same is declared", () => {
  const slots = new Slots(depending({ one: "a", two: "b" }));
  slots.apply(provided("a", "b"));
  assert.equal(slots.describe(depending({ one: "a", two: "b" })), false);
  assert.equal(slots.describe(depending({ two: "b" })), false);
  assert.deepEqual([...slots.of("run").keys()], ["two"]);
});
