import { deepEqual, equal, match } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { otlpHttpSink } from "../../registry/trace/export/otlp_sink_fixture.ts";
import { VERSION } from "../../registry/base/version.ts";
import { type ContextFixture, contextFixture } from "../app/context_fixture.ts";
import type { Finding } from "../doctor/finding.ts";
import { RedisServer } from "../../.ci/fixtures/redis_server.ts";
import { EXIT } from "../base/exit.ts";
import { doctorCommand } from "./doctor.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Answers as a registry that is well does, and passes on what is for others. */
const registry: typeof fetch = async (input, init) => {
  const url = String(input instanceof Request ? input.url : input);
  if (url !== "http://localhost:8000/health") return await fetch(input, init);
  return Response.json({
    status: "healthy",
    version: VERSION,
    uptime_seconds: 1,
    timestamp: "",
    service: "",
  });
};

async function inHome(
  body: (
    home: string,
    run: (args: string[], env?: Record<string, string>, asked?: typeof fetch) => Promise<{
      code: number;
      fixture: ContextFixture;
    }>,
  ) => Promise<void>,
): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "mesh-doctor-"));
  try {
    await body(home, async (args, env = {}, asked = registry) => {
      const fixture = contextFixture({
        env: { MCP_MESH_HOME: home, ...env },
        cwd: home,
        fetch: asked,
        root,
        deno: Deno.execPath(),
      });
      return { code: await doctorCommand.execute(fixture.context, args), fixture };
    });
  } finally {
    await rm(home, { recursive: true });
  }
}

const AGENT = `#!/usr/bin/env -S deno run --allow-env=MY_KEY
import { agent } from "mesh";
export default agent({ name: "some-agent", tools: {} });
`;

Deno.test("doctor lists every check of a machine that is well, and exits 0", async () => {
  await inHome(async (home, run) => {
    const { code, fixture } = await run([]);
    equal(code, EXIT.ok, fixture.stdout());
    const checks = fixture.stdout().trimEnd().split("\n").map((line) => line.split(/ {2,}/));
    deepEqual(checks.map(([level, check]) => [level, check]), [
      ["ok", "deno"],
      ["ok", "home"],
      ["ok", "disk"],
      ["ok", "processes"],
      ["ok", "registry"],
      ["ok", "versions"],
      ["skipped", "clock"],
      ["ok", "kv"],
      ["skipped", "redis"],
      ["skipped", "otlp"],
    ]);
    match(fixture.stdout(), new RegExp(`state is kept in ${home}`));
    equal(fixture.stderr(), "");
  });
});

Deno.test("doctor exits 1 when something keeps a mesh from running, with the command that helps", async () => {
  await inHome(async (_home, run) => {
    const { code, fixture } = await run([], {}, () => Promise.reject(new TypeError("refused")));
    equal(code, EXIT.failure);
    match(
      fixture.stdout(),
      /^failure {2}registry {5}no registry answers at http:\/\/localhost:8000\n {22}Fix: meshctl start --registry-only -d$/m,
    );
  });
});

processTest("doctor of agents: a warning is no failure, and what is well is said so", async () => {
  await inHome(async (home, run) => {
    await writeFile(join(home, "some-agent.ts"), AGENT);
    const warned = await run(["some-agent.ts"]);
    equal(warned.code, EXIT.ok);
    match(warned.fixture.stdout(), /^warning {2}keys {9}some-agent: MY_KEY, .* is not set$/m);
    const well = await run(["some-agent.ts"], { MY_KEY: "x" });
    match(
      well.fixture.stdout(),
      /^ok {7}agent {8}some-agent: imports, permissions, port and keys/m,
    );
    await writeFile(join(home, "some-agent.ts"), `${AGENT}import "./gone.ts";\n`);
    const lost = await run(["some-agent.ts"], { MY_KEY: "x" });
    equal(lost.code, EXIT.failure);
    match(lost.fixture.stdout(), /^failure {2}imports .*"\.\/gone\.ts", which leads nowhere/m);
  });
});

Deno.test("doctor --json has the same findings as data", async () => {
  await inHome(async (_home, run) => {
    const { code, fixture } = await run(["--json"], { OTLP_ENDPOINT: "nonsense" });
    equal(code, EXIT.failure);
    // As documented.
    const document = JSON.parse(fixture.stdout()) as { ok: boolean; findings: Finding[] };
    equal(document.ok, false);
    const failures = document.findings.filter(({ level }) => level === "failure");
    deepEqual(failures.map(({ check, fix }) => [check, fix]), [["otlp", "unset OTLP_ENDPOINT"]]);
  });
});

processTest("doctor asks a real Redis and a real receiver, up and down", async () => {
  await inHome(async (_home, run) => {
    await using redis = await RedisServer.open();
    const sink = otlpHttpSink();
    const env = { REDIS_URL: redis.url, OTEL_EXPORTER_OTLP_ENDPOINT: `http://${sink.address}` };
    const up = await run([], env);
    equal(up.code, EXIT.ok, up.fixture.stdout());
    match(up.fixture.stdout(), /^ok {7}redis .* answers$/m);
    match(up.fixture.stdout(), /^ok {7}otlp .* takes spans over http\/protobuf$/m);
    await sink[Symbol.asyncDispose]();
    await redis.kill();
    const down = await run([], env);
    equal(down.code, EXIT.failure);
    match(down.fixture.stdout(), /^failure {2}redis .* does not answer: .*\n +Fix: docker run/m);
    match(down.fixture.stdout(), /^failure {2}otlp .* cannot be reached: .*\n +Fix: unset OTEL_/m);
  });
});
