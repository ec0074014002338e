import { deepEqual, equal } from "node:assert/strict";
import type { AgentRecord } from "../../runtime/process/plan.ts";
import {
  judgeReadiness,
  type Readiness,
  readinessText,
  type SeenAgent,
  unresolvedText,
} from "./readiness.ts";

const open = { tool: "t", dependency: "d", capability: "c", required: false };

const READY = { kind: "ready" as const, failed: [] };

function seen(
  record: Partial<AgentRecord> | undefined,
  rest: Partial<Omit<SeenAgent, "record">> = {},
): SeenAgent {
  const whole: AgentRecord = {
    name: "a",
    file: "/a.ts",
    pid: 1,
    phase: "registered",
    registry: "",
    started_at: "",
    unresolved: [],
    ...record,
  };
  const registered = record?.phase === undefined || record.phase === "registered";
  return {
    name: "planned",
    record: record === undefined ? undefined : whole,
    exit: undefined,
    registeredAt: record !== undefined && registered ? 100 : undefined,
    ...rest,
  };
}

Deno.test("judgeReadiness() follows a start from nothing to wired", () => {
  const unresolved = [open];
  const rows: [string, SeenAgent[], ReturnType<typeof judgeReadiness>][] = [
    ["no record yet", [seen(undefined)], { kind: "starting", names: ["planned"] }],
    ["loading", [seen({ phase: "loading" })], { kind: "starting", names: ["a"] }],
    [
      "one of two",
      [seen({}), seen({ phase: "listening", name: "b" })],
      { kind: "starting", names: ["b"] },
    ],
    ["wired", [seen({}), seen({ name: "b" })], { ...READY, unresolved: [] }],
    [
      "asked before the last one registered",
      [
        seen({ unresolved, asked_at: 199, synced_at: 201 }),
        seen({ name: "b" }, { registeredAt: 200 }),
      ],
      { kind: "wiring", names: ["a"] },
    ],
    [
      "asked after the last one registered",
      [
        seen({ unresolved, asked_at: 200, synced_at: 201 }),
        seen({ name: "b" }, { registeredAt: 200 }),
      ],
      { ...READY, unresolved: [{ ...open, agent: "a" }] },
    ],
    [
      "nobody but itself",
      [seen({ unresolved, asked_at: 99, synced_at: 100 })],
      { ...READY, unresolved: [{ ...open, agent: "a" }] },
    ],
  ];
  for (const [label, agents, readiness] of rows) {
    deepEqual(judgeReadiness(agents), readiness, label);
  }
});

Deno.test("judgeReadiness() gives the best reason for a failure", () => {
  const error = { code: "bad_definition", message: "a.ts:3 is wrong" };
  const rows: [SeenAgent, string][] = [
    [seen({ phase: "failed", error }), "a.ts:3 is wrong"],
    [seen({ phase: "failed", error }, { exit: "exited with code 1" }), "a.ts:3 is wrong"],
    [
      seen(undefined, { exit: "exited with code 1" }),
      "its process exited with code 1 before it was ready",
    ],
    [
      seen({ phase: "stopped" }, { exit: "exited with code 0" }),
      "it was stopped before it was ready",
    ],
    [
      seen({ phase: "listening", error: { code: "registration_refused", message: "bad name" } }),
      "bad name",
    ],
  ];
  for (const [agent, reason] of rows) {
    const readiness = judgeReadiness([seen({}), agent]);
    equal(readiness.kind === "failed" && readiness.reason, reason);
  }
});

Deno.test("judgeReadiness() tells of the agent that failed, not of those stopped with it", () => {
  const exit = "exited with code 1";
  const stopped = seen({ phase: "stopped", name: "b" }, { exit });
  const error = { code: "bad_definition", message: "no luck" };
  const readiness = judgeReadiness([stopped, seen({ phase: "failed", error }, { exit })]);
  deepEqual(readiness, { kind: "failed", name: "a", reason: "no luck" });
  equal(judgeReadiness([seen({ phase: "stopped" }), seen({})]).kind, "starting");
});

Deno.test("judgeReadiness() passes on which port was taken", () => {
  const error = { code: "port_taken", message: "taken" };
  const agent = seen({ phase: "failed", error, port: 9101 });
  deepEqual(judgeReadiness([agent]), {
    kind: "failed",
    name: "a",
    reason: "taken",
    takenPort: 9101,
  });
});

Deno.test("judgeReadiness() waits for an agent that cannot reach the registry yet", () => {
  const error = { code: "unreachable", message: "no registry" };
  deepEqual(judgeReadiness([seen({ phase: "listening", error })]), {
    kind: "starting",
    names: ["a (no registry)"],
  });
});

Deno.test("judgeReadiness() of watched agents tells of all that failed once the others are ready", () => {
  const error = { code: "bad_definition", message: "a.ts:3 is wrong" };
  const failed = seen({ phase: "failed", error });
  equal(judgeReadiness([failed, seen({ phase: "loading" })], true).kind, "starting");
  deepEqual(judgeReadiness([failed, seen({})], true), {
    ...READY,
    unresolved: [],
    failed: [{ name: "a", reason: "a.ts:3 is wrong" }],
  });
  deepEqual(judgeReadiness([failed], true), {
    ...READY,
    unresolved: [],
    failed: [{ name: "a", reason: "a.ts:3 is wrong" }],
  });
});

Deno.test("unresolvedText() says whose dependency has no provider", () => {
  equal(
    unresolvedText({ ...open, agent: "a" }),
    "a: optional dependency d (c) of t has no provider yet",
  );
  equal(
    unresolvedText({ ...open, agent: "a", required: true }),
    "a: required dependency d (c) of t has no provider yet",
  );
});

const texts: [readiness: Readiness, text: string][] = [
  [{ kind: "starting", names: ["a", "b (refused)"] }, "Waiting for a, b (refused)"],
  [{ kind: "wiring", names: ["a"] }, "Wiring a"],
  [{ ...READY, unresolved: [{ ...open, agent: "a" }] }, "Waiting for providers"],
];
for (const [readiness, text] of texts) {
  Deno.test(`readinessText() of a start that is ${readiness.kind}`, () => {
    equal(readinessText(readiness), text);
  });
}
