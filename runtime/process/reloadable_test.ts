import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { CheckVerdict } from "../define/health_check.ts";
import { MeshError } from "../base/errors.ts";
import { blankManifest } from "../define/manifest.ts";
import type { Outcome } from "../boundary/result.ts";
import { bareEnvironment } from "../suites/call_fixture.ts";
import { ReloadableHost } from "./reloadable.ts";
import type { Sandbox } from "../sandbox/sandboxed.ts";

/** What code can do besides answering its name. */
interface Ways {
  manifest?: Partial<Sandbox["manifest"]>;
  /** Says, at every opening, whether it fails. */
  opens?: () => boolean;
  /** What its calls wait for. */
  until?: Promise<void>;
}

/** Code that answers its own name, and what happened to all of it in order. */
function code(name: string, events: string[], ways: Ways = {}): Sandbox {
  return {
    manifest: { ...blankManifest("tested"), description: name, ...ways.manifest },
    listen: () => () => {},
    invoke: async (): Promise<Outcome> => {
      await ways.until;
      return { kind: "value", json: JSON.stringify(name) };
    },
    complete: () => Promise.resolve([name]),
    check: (): Promise<CheckVerdict> => Promise.resolve({ status: "healthy" }),
    open: () => {
      const fails = ways.opens?.() === false;
      events.push(`${name} ${fails ? "does not open" : "opens"}`);
      return fails
        ? Promise.reject(new MeshError("unreachable", `${name} does not open`))
        : Promise.resolve();
    },
    close: () => {
      events.push(`${name} closes`);
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => {
      events.push(`${name} ends`);
      return Promise.resolve();
    },
  };
}

async function opened(first: Sandbox): Promise<ReloadableHost> {
  const host = new ReloadableHost(first, 1_000);
  await host.open({ checkHealth: () => {}, log: () => {} });
  return host;
}

async function answer(host: ReloadableHost): Promise<unknown> {
  const outcome = await host.invoke("tool", {}, bareEnvironment());
  return outcome.kind === "value" ? JSON.parse(outcome.json) : undefined;
}

Deno.test("ReloadableHost finishes a call on the code it began on and runs others on the newest", async () => {
  const events: string[] = [];
  const gate = Promise.withResolvers<void>();
  await using host = await opened(code("old", events, { until: gate.promise }));
  const underWay = answer(host);
  await host.replace(code("new", events));
  host.keep();
  assert.equal(await answer(host), "new");
  assert.deepEqual(events, ["old opens", "new opens"], "the old one is still needed");
  gate.resolve();
  assert.equal(await underWay, "old");
  await nextTurn();
  assert.deepEqual(events.slice(2), ["old ends"]);
});

Deno.test("ReloadableHost.back() goes back to the last code that was kept, over what was not", async () => {
  const events: string[] = [];
  await using host = await opened(code("good", events));
  await host.replace(code("doubtful", events));
  await host.replace(code("worse", events));
  assert.equal(await answer(host), "worse");
  assert.equal(await host.back(), true);
  assert.equal(await answer(host), "good");
  assert.equal(await host.back(), undefined, "there is nothing before it");
  await nextTurn();
  assert.deepEqual(events.filter((event) => event.endsWith("ends")), [
    "doubtful ends",
    "worse ends",
  ]);
});

Deno.test("ReloadableHost tells of a manifest that changed, and of no other", async () => {
  const events: string[] = [];
  const same = { manifest: { description: "same" } };
  await using host = await opened(code("first", events, same));
  const told: string[] = [];
  host.listen({ manifest: () => told.push(host.manifest.description) });
  assert.equal(await host.replace(code("second", events, same)), false);
  assert.equal(await host.replace(code("third", events)), true);
  assert.deepEqual(told, ["third"]);
});

Deno.test("ReloadableHost.replace() leaves the code that runs when the next does not open", async () => {
  const events: string[] = [];
  await using host = await opened(code("running", events));
  await assert.rejects(host.replace(code("next", events, { opens: () => false })), {
    message: "next does not open",
  });
  assert.equal(await answer(host), "running");
  assert.deepEqual(events, ["running opens", "next does not open", "next ends"]);
});

Deno.test("ReloadableHost lets go of what can be held only once, and takes it again if need be", async () => {
  const events: string[] = [];
  let holder: string | undefined;
  const holding = (name: string, broken = false): Sandbox => {
    const sandbox = code(name, events, {
      manifest: { lifespan: true },
      opens: () => {
        if (holder !== undefined || broken) return false;
        holder = name;
        return true;
      },
    });
    const { close } = sandbox;
    return Object.assign(sandbox, {
      close: async () => {
        holder = undefined;
        await close();
      },
    });
  };
  await using host = await opened(holding("first"));
  await host.replace(holding("second"));
  assert.deepEqual(events.splice(0), [
    "first opens",
    "second does not open",
    "first closes",
    "second opens",
  ]);
  await assert.rejects(host.replace(holding("third", true)), { message: "third does not open" });
  assert.equal(holder, "second");
  assert.equal(await answer(host), "second");
  await host.back();
  assert.equal(holder, "first");
  assert.equal(await answer(host), "first");
});

Deno.test("ReloadableHost has the health looked at when the code that is checked is other code", async () => {
  const events: string[] = [];
  let looks = 0;
  await using host = new ReloadableHost(code("first", events), 1_000);
  await host.open({ checkHealth: () => looks++, log: () => {} });
  await host.replace(code("unchecked", events));
  assert.equal(looks, 0);
  await host.replace(code("checked", events, { manifest: { healthCheck: true } }));
  await host.replace(code("unchecked again", events));
  assert.equal(looks, 2);
});
