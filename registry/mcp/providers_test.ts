import { equal, ok } from "node:assert/strict";
import { Entry } from "../directory/entry.ts";
import { Providers } from "./providers.ts";

const entry = (id: string, facts: { suspect?: boolean } = {}) => {
  const made = new Entry(
    {
      id,
      name: "replica",
      namespace: "default",
      agentType: "mcp_agent",
      runtime: "deno",
      version: "",
      description: "",
      host: id,
      port: 1,
      a2aProducer: false,
      a2aConsumer: false,
      surfaces: [],
      tools: [],
      createdAt: 0,
    },
    { status: "healthy", seen: 0 },
  );
  made.suspect = facts.suspect ?? false;
  return made;
};

Deno.test("pick() spreads, the less busy of two first", () => {
  const [a, b] = [entry("a"), entry("b")];
  const providers = new Providers();
  {
    using _one = providers.begin(a);
    for (let i = 0; i < 20; i++) equal(providers.pick([a, b]), b);
  }
  const picked = new Set(Array.from({ length: 100 }, () => providers.pick([a, b])));
  equal(picked.size, 2);
});

Deno.test("pick() passes over who was missed, longer each time, until it answers", () => {
  const [a, b] = [entry("a"), entry("b")];
  let now = 0;
  const providers = new Providers({ now: () => now, random: () => 0 });
  const isAside = () => providers.pick([a, b]) === b;
  for (const length of [500, 1_000, 2_000]) {
    providers.missed(a);
    now += length - 1;
    ok(isAside(), `after ${length - 1} ms`);
    now += 1;
    equal(isAside(), false, `after ${length} ms`);
  }
  providers.answered(a);
  providers.missed(a);
  now += 500;
  equal(isAside(), false);
});

Deno.test("pick() passes over who is suspect, unless there is nobody else", () => {
  const [a, b] = [entry("a", { suspect: true }), entry("b")];
  const providers = new Providers();
  for (let i = 0; i < 20; i++) equal(providers.pick([a, b]), b);
  equal(providers.pick([a]), a);
  equal(providers.pick([]), undefined);
  providers.missed(b);
  equal(providers.pick([a, b]), a, "set aside for longest, or never");
});
