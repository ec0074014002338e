import assert from "node:assert/strict";
import type { Target } from "../define/dependency.ts";
import { MeshError, type MeshErrorCode } from "../base/errors.ts";
import { Replicas } from "./replicas.ts";

const target = (agentId: string): Target => ({
  agentId,
  tool: "t",
  endpoint: `http://${agentId}`,
});
const [a, b, c] = [target("a"), target("b"), target("c")];

/** Replicas under a clock and dice of the test's. */
function under(dice: () => number = Math.random) {
  const clock = { now: 0 };
  const suspects: string[] = [];
  const replicas = new Replicas({
    now: () => clock.now,
    random: dice,
    onSuspect: ({ agentId }) => suspects.push(agentId),
  });
  return { clock, suspects, replicas };
}

const failing = (code: MeshErrorCode, details?: unknown) => () =>
  Promise.reject(new MeshError(code, code, { details }));
/** A refusal at the door. */
const refusing = (code: MeshErrorCode) => () =>
  Promise.reject(new MeshError(code, code, { nothingRan: true }));
const callOne = <T>(
  replicas: Replicas,
  targets: readonly Target[],
  spread: boolean,
  send: (target: Target) => Promise<T>,
) => replicas.call(targets, { spread, send, read: (answer) => answer });
const named = ({ agentId }: Target) => Promise.resolve(agentId);

Deno.test("Replicas sends a single target everything", async () => {
  const { replicas } = under();
  assert.equal(await callOne(replicas, [a], true, named), "a");
});

Deno.test("Replicas spreads calls by chance and by load", async () => {
  const { replicas } = under();
  const counts = new Map<string, number>();
  for (let call = 0; call < 3_000; call++) {
    const id = await callOne(replicas, [a, b, c], true, named);
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  for (const id of ["a", "b", "c"]) {
    const share = (counts.get(id) ?? 0) / 3_000;
    assert.ok(share > 0.28 && share < 0.39, `${id} got ${share}`);
  }
});

Deno.test("Replicas gives a slow one less: fewest in flight of two picks", async () => {
  const { replicas } = under();
  const release: (() => void)[] = [];
  const slowCalls: Promise<unknown>[] = [];
  let slow = 0;
  const attempt = ({ agentId }: Target) => {
    if (agentId !== "a") return Promise.resolve();
    slow += 1;
    return new Promise<void>((resolve) => release.push(resolve));
  };
  for (let call = 0; call < 300; call++) {
    slowCalls.push(callOne(replicas, [a, b, c], true, attempt));
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
  }
  // Only when both picks have the same load may the slow one be taken, and it is never idle again.
  assert.ok(slow < 10, `the slow replica got ${slow} of 300`);
  release.forEach((resolve) => resolve());
  await Promise.all(slowCalls);
});

Deno.test("Replicas without spreading takes the registry's choice", async () => {
  const { replicas } = under();
  for (let call = 0; call < 20; call++) {
    assert.equal(await callOne(replicas, [b, a, c], false, named), "b");
  }
});

for (const code of ["unreachable", "overloaded", "host_crashed"] as const) {
  Deno.test(`Replicas tries another when one refused at the door: ${code}`, async () => {
    const { replicas } = under();
    const tried: string[] = [];
    const answer = await callOne(replicas, [a, b, c], false, ({ agentId }) => {
      tried.push(agentId);
      return agentId === "c" ? Promise.resolve("c") : refusing(code)();
    });
    assert.equal(answer, "c");
    assert.deepEqual(tried, ["a", "b", "c"]);
  });
}

const UNSURE = [
  "interrupted",
  "timeout",
  "protocol",
  "cancelled",
  "tool_failed",
  // These, too, when they are what the tool itself failed with.
  "unreachable",
  "overloaded",
  "host_crashed",
] as const;
for (const code of UNSURE) {
  Deno.test(`Replicas does not repeat a call that may have run: ${code}`, async () => {
    const { replicas } = under();
    let tries = 0;
    const attempt = () => {
      tries += 1;
      return failing(code)();
    };
    await assert.rejects(callOne(replicas, [a, b], false, attempt), { code });
    assert.equal(tries, 1);
  });
}

Deno.test("Replicas fails with the last failure when none can be reached", async () => {
  const { replicas, suspects } = under();
  await assert.rejects(callOne(replicas, [a, b], false, refusing("unreachable")), {
    code: "unreachable",
  });
  assert.deepEqual(suspects, ["a", "b"]);
});

Deno.test("Replicas sets one aside at once when it refuses connections, and probes it later", async () => {
  const { replicas, clock, suspects } = under();
  let up = false;
  const attempt = (target: Target) =>
    target === a && !up ? refusing("unreachable")() : named(target);
  assert.equal(await callOne(replicas, [a, b], false, attempt), "b");
  assert.deepEqual(suspects, ["a"]);
  clock.now = 499;
  let asked = 0;
  const counting = (target: Target) => {
    if (target === a) asked += 1;
    return attempt(target);
  };
  assert.equal(await callOne(replicas, [a, b], false, counting), "b");
  assert.equal(asked, 0, "set aside");
  clock.now = 500;
  assert.equal(await callOne(replicas, [a, b], false, counting), "b");
  assert.equal(asked, 1, "probed once, and set aside for twice as long");
  clock.now = 1_499;
  assert.equal(await callOne(replicas, [a, b], false, counting), "b");
  assert.equal(asked, 1);
  clock.now = 1_500;
  up = true;
  assert.equal(await callOne(replicas, [a, b], false, counting), "a");
  assert.equal(await callOne(replicas, [a, b], false, counting), "a", "well again");
  assert.deepEqual(suspects, ["a", "a"]);
});

Deno.test("Replicas lets only one call probe", async () => {
  const { replicas, clock } = under();
  await callOne(
    replicas,
    [a, b],
    false,
    (target) => target === a ? refusing("unreachable")() : named(target),
  );
  clock.now = 600;
  const probe = Promise.withResolvers<string>();
  const probing = callOne(replicas, [a, b], false, () => probe.promise);
  assert.equal(await callOne(replicas, [a, b], false, named), "b");
  probe.resolve("probed");
  assert.equal(await probing, "probed");
  assert.equal(await callOne(replicas, [a, b], false, named), "a");
});

const repeated: [name: string, code: MeshErrorCode, details: unknown, opens: boolean][] = [
  ["lost connections", "interrupted", undefined, true],
  ["HTTP 500", "interrupted", { status: 500 }, true],
  ["HTTP 400", "protocol", { status: 400 }, false],
  ["timeouts, which may be the call's fault", "timeout", undefined, false],
  ["errors of the tool", "tool_failed", undefined, false],
];
for (const [name, code, details, opens] of repeated) {
  Deno.test(`Replicas after three ${name} in a row ${opens ? "sets aside" : "goes on"}`, async () => {
    const { replicas, suspects } = under();
    for (let call = 0; call < 2; call++) {
      await assert.rejects(callOne(replicas, [a, b], false, failing(code, details)), { code });
    }
    assert.deepEqual(suspects, []);
    await assert.rejects(callOne(replicas, [a, b], false, failing(code, details)), { code });
    assert.deepEqual(suspects, opens ? ["a"] : []);
    assert.equal(await callOne(replicas, [a, b], false, named), opens ? "b" : "a");
  });
}

Deno.test("Replicas forgives failures that are not in a row", async () => {
  const { replicas, suspects } = under();
  for (let call = 0; call < 5; call++) {
    await assert.rejects(callOne(replicas, [a], false, failing("interrupted")));
    await assert.rejects(callOne(replicas, [a], false, failing("interrupted")));
    await callOne(replicas, [a], false, named);
  }
  assert.deepEqual(suspects, []);
});

Deno.test("Replicas.takeObserved() tells each failure once", async () => {
  const { replicas } = under();
  await assert.rejects(callOne(replicas, [a], false, failing("unreachable")));
  for (let call = 0; call < 3; call++) {
    await assert.rejects(callOne(replicas, [b], false, failing("interrupted")));
  }
  assert.deepEqual(replicas.takeObserved(), [
    { agent_id: "a", failures: 1 },
    { agent_id: "b", failures: 3 },
  ]);
  assert.deepEqual(replicas.takeObserved(), []);
});

Deno.test("Replicas.retain() forgets who is gone", async () => {
  const { replicas } = under();
  await assert.rejects(callOne(replicas, [a], false, failing("unreachable")));
  replicas.retain(new Set(["b"]));
  assert.deepEqual(replicas.takeObserved(), []);
  assert.equal(await callOne(replicas, [a, b], false, named), "a");
});

Deno.test("Replicas tries the next one after a failure that may move, and after no other", async () => {
  const { replicas, suspects } = under();
  const tried: string[] = [];
  const failingRead = (text: string) =>
    replicas.call([a, b, c], {
      spread: false,
      send: named,
      read: (agentId) => {
        tried.push(agentId);
        if (agentId === "c") return text;
        throw new MeshError("tool_failed", `${agentId} failed`);
      },
      moves: (_error, { agentId }) => agentId !== text,
    });
  assert.equal(await failingRead("answer"), "answer");
  assert.deepEqual(tried, ["a", "b", "c"]);
  await assert.rejects(failingRead("b"), { message: "b failed" });
  assert.deepEqual(suspects, [], "what an answer says is nothing about its replica");
});
