import { equal, notEqual } from "node:assert/strict";
import type { Event } from "../../runtime/protocol/listing.ts";
import { type Audit, AuditHistory } from "./audit.ts";

const kept = { stage: "health", kept: ["a:f", "b:f"], evicted: [] };
const evicted = {
  stage: "tags",
  kept: [],
  evicted: [
    { id: "a:f", reason: "MissingTag", details: { missing: ["x"] } },
    { id: "b:f", reason: "MissingTag", details: { missing: ["x"] } },
  ],
};
const audit: Audit = {
  type: "dependency_unresolved",
  functionName: "use",
  data: {
    consumer: "me",
    dep_index: 0,
    spec: { capability: "c", schema_mode: "none" },
    stages: [kept, evicted],
  },
};

function event({ type, functionName, data }: Audit): Event {
  return {
    event_type: type,
    agent_id: "me",
    function_name: functionName,
    timestamp: "",
    // As it comes back from the database: another object.
    data: structuredClone({ ...data }),
  };
}

Deno.test("A24: the order of candidates makes no news", () => {
  const turned = {
    ...audit.data,
    stages: audit.data.stages.map((stage) => ({
      ...stage,
      kept: stage.kept.toReversed(),
      evicted: stage.evicted.toReversed(),
    })),
  };
  const history = new AuditHistory([event(audit)]);
  equal(history.news({ ...audit, data: turned }), undefined);
});

Deno.test("another reason does", () => {
  const [a, b] = evicted.evicted;
  const stages = [kept, { ...evicted, evicted: [a, { ...b, details: { missing: ["y"] } }] }];
  const history = new AuditHistory([event(audit)]);
  const changed = { ...audit, data: { ...audit.data, stages: stages as typeof audit.data.stages } };
  notEqual(history.news(changed), undefined);
});

Deno.test("what was told of another dependency does not count", () => {
  const history = new AuditHistory([event({ ...audit, functionName: "other" })]);
  equal(history.news(audit), audit);
});

Deno.test("an event of unknown shape is passed over", () => {
  const history = new AuditHistory([{ ...event(audit), data: { consumer: 1 } }]);
  equal(history.news(audit), audit);
});
