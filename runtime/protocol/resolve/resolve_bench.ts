import { Pass } from "./availability.ts";
import { matchDependency } from "./dependency.ts";
import { agentOf, dependencyOf } from "./mesh_fixture.ts";
import type { Candidate, Directory } from "./model.ts";
import { resolveAgent } from "./resolve.ts";

const REPLICAS = 5_000;

/** `count` replicas of one capability; each requires `requires` when that is given. */
function replicas(count: number, capability: string, requires?: string): Candidate[] {
  return Array.from({ length: count }, (_, index) => {
    const agent = agentOf(`${capability}-${index}`, [{
      capability,
      tags: ["x", index % 2 === 0 ? "even" : "odd"],
      version: `1.${index % 10}.0`,
      dependencies: requires === undefined ? [] : [{ capability: requires, required: true }],
    }]);
    return agent.tools.map((tool) => ({ agent, tool }));
  }).flat();
}

function directoryOf(...groups: Candidate[][]): Directory {
  const byCapability = Map.groupBy(groups.flat(), ({ tool }) => tool.capability);
  return {
    providers: (capability) => byCapability.get(capability) ?? [],
    tools: () => groups.flat(),
  };
}

const directory = directoryOf(
  replicas(REPLICAS, "leaf"),
  replicas(REPLICAS, "gated", "leaf"),
  replicas(1, "single"),
);
const consumer = agentOf("consumer", [{
  capability: "c",
  dependencies: [{ capability: "single" }, { capability: "single", tags: ["x"], version: "^1.0" }],
}]);
const pass = new Pass(directory);
const plain = dependencyOf({ capability: "leaf" });
const demanding = dependencyOf({
  capability: "leaf",
  tags: ["x", "+even", "-bad"],
  version: ">=1.2, <1.8",
});
const gated = dependencyOf({ capability: "gated" });

Deno.bench("one agent, two dependencies with one provider each", () => {
  resolveAgent(pass, consumer);
});

Deno.bench(`best of ${REPLICAS}, nothing asked`, () => {
  matchDependency(pass, consumer, plain);
});

Deno.bench(`best of ${REPLICAS}, tags and version`, () => {
  matchDependency(pass, consumer, demanding);
});

Deno.bench(`best of ${REPLICAS} that require another, first of a pass`, () => {
  matchDependency(new Pass(directory, pass), consumer, gated);
});
