/** What an agent holds while it is served: the same on both hosts. */
import assert from "node:assert/strict";
import { isMeshError } from "../base/errors.ts";
import { valueOf } from "./call_fixture.ts";
import type { CallEnvironment, Host } from "../boundary/host.ts";
import { hostInThread } from "../in_thread/in_thread.ts";
import { hostTest, isolated } from "./hosts_fixture.ts";

const url = new URL("./testdata/holding_agent.ts", import.meta.url).href;
const REFUSES = "MESH_SUITE_REFUSES";

/** Log lines, some of them awaited. */
class Lines extends Array<string> {
  readonly #awaited = new Map<string, () => void>();

  override push(line: string): number {
    this.#awaited.get(line)?.();
    return super.push(line);
  }

  /** Resolves when `line` is pushed. */
  next(line: string): Promise<void> {
    return new Promise((resolve) => this.#awaited.set(line, resolve));
  }
}

const hosts: Record<string, (lines: Lines) => Promise<Host>> = {
  "in thread": async () => hostInThread((await import(`${url}?${crypto.randomUUID()}`)).default),
  ...isolated((host) => (lines) =>
    host({
      url,
      permissions: { env: [REFUSES] },
      log: (...line) => lines.push(lineOf(...line)),
    })
  ),
};

function lineOf(...[, message, fields]: Parameters<CallEnvironment["log"]>): string {
  return fields === undefined ? message : `${message} ${JSON.stringify(fields)}`;
}

function environment(lines: Lines) {
  const log: CallEnvironment["log"] = (...line) => lines.push(lineOf(...line));
  return { log, checkHealth: () => lines.push("health is to be looked at") };
}

for (const [kind, open] of Object.entries(hosts)) {
  hostTest(kind)(`${kind} host: open() opens the lifespan, disposing lets go of it`, async () => {
    const lines = new Lines();
    {
      await using host = await open(lines);
      assert.equal(host.manifest.lifespan, true);
      assert.equal(await valueOf(host, "holds"), false);
      await host.open(environment(lines));
      assert.equal(await valueOf(host, "holds"), true);
      assert.deepEqual(host.manifest.tools.map(({ name }) => name), ["holds", "crash", "found"]);
      assert.deepEqual(await host.check("health"), { status: "healthy" });
    }
    assert.deepEqual(lines.toSorted(), [
      "health is to be looked at",
      "let go",
      'opened {"answer":42}',
    ]);
  });

  hostTest(kind)(`${kind} host: open() fails as the lifespan does`, async () => {
    Deno.env.set(REFUSES, "yes");
    try {
      await using host = await open(new Lines());
      await assert.rejects(
        host.open(environment(new Lines())),
        (error) => isMeshError(error, "unreachable") && error.message === "nothing to hold",
      );
    } finally {
      Deno.env.delete(REFUSES);
    }
  });
}

for (const [kind, open] of Object.entries(hosts)) {
  if (kind === "in thread") continue;
  hostTest(kind)(
    `${kind} host: the code after a crash opens the lifespan before it is called`,
    async () => {
      const lines = new Lines();
      await using host = await open(lines);
      await host.open(environment(lines));
      await assert.rejects(valueOf(host, "crash"), (error) => isMeshError(error, "host_crashed"));
      assert.equal(await valueOf(host, "holds"), true);
      assert.equal(await valueOf(host, "found"), "found while opening");
    },
  );

  hostTest(kind)(
    `${kind} host: code that cannot open its lifespan again is tried until it can`,
    async () => {
      const lines = new Lines();
      await using host = await open(lines);
      await host.open(environment(lines));
      const restarted = lines.next("agent code restarted");
      Deno.env.set(REFUSES, "yes");
      try {
        await assert.rejects(valueOf(host, "crash"), (error) => isMeshError(error, "host_crashed"));
        await assert.rejects(valueOf(host, "holds"), (error) => isMeshError(error, "unreachable"));
        assert.ok(lines.includes("nothing to hold"));
      } finally {
        Deno.env.delete(REFUSES);
      }
      await restarted;
      assert.equal(await valueOf(host, "holds"), true);
    },
  );
}
