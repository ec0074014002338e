import { deepEqual, equal, match } from "node:assert/strict";
import { createServer } from "node:net";
import { once } from "node:events";
import { Certificates } from "../../.ci/fixtures/certificates.ts";
import { RedisServer } from "../../.ci/fixtures/redis_server.ts";
import { VERSION } from "../../registry/base/version.ts";
import { endless } from "../../runtime/base/endless_fixture.ts";
import {
  clockFinding,
  kvFinding,
  redisFinding,
  registryFindings,
  versionFinding,
} from "./service_checks.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

const NOON = Date.parse("2026-06-01T12:00:00Z");
const address = { url: "http://localhost:8000", host: "localhost", port: 8000, local: true };

function asking(fetch: typeof globalThis.fetch, started?: string) {
  const context = { fetch, now: () => NOON, program: "meshctl" };
  return registryFindings(address, started, context, 1_000);
}

Deno.test("clockFinding() allows for whole seconds and for the way", () => {
  const rows: [string | null, number, number, string][] = [
    ["Mon, 01 Jun 2026 12:00:00 GMT", NOON, NOON, "ok"],
    ["Mon, 01 Jun 2026 12:00:00 GMT", NOON + 900, NOON + 950, "ok"],
    ["Mon, 01 Jun 2026 12:00:05 GMT", NOON, NOON + 5_000, "ok"],
    ["Mon, 01 Jun 2026 12:00:05 GMT", NOON, NOON + 10, "warning"],
    ["Mon, 01 Jun 2026 11:59:50 GMT", NOON, NOON + 10, "warning"],
    [null, NOON, NOON, "skipped"],
  ];
  for (const [date, asked, answered, level] of rows) {
    equal(clockFinding(date, asked, answered).level, level, `${date} ${asked - NOON}`);
  }
  match(clockFinding("Mon, 01 Jun 2026 12:00:05 GMT", NOON, NOON).text, /5\.0 s ahead of this/);
  match(clockFinding("Mon, 01 Jun 2026 11:59:50 GMT", NOON, NOON).text, /9\.0 s behind this/);
});

Deno.test("versionFinding() compares the registry with meshctl", () => {
  equal(versionFinding(VERSION, "started", "meshctl").level, "ok");
  equal(versionFinding(`v${VERSION}`, "ours", "meshctl").level, "ok");
  deepEqual(versionFinding("0.0.1", "started", "meshctl"), {
    check: "versions",
    level: "warning",
    text: `the registry is 0.0.1, meshctl is ${VERSION}`,
    fix: "meshctl stop --registry && meshctl start --registry-only -d",
  });
});

Deno.test("registryFindings() tells nobody to stop a registry that meshctl did not start", async () => {
  const health = { uptime_seconds: 1, timestamp: "", service: "", status: "healthy" };
  const answers = (isOurs: boolean): typeof fetch => (input) => {
    const isHealth = new Request(input).url.endsWith("/health");
    const found = isHealth ? { ...health, version: "1.0.0" } : { openapi: "3.1.0" };
    return Promise.resolve(Response.json(found, { status: isHealth || isOurs ? 200 : 404 }));
  };
  const rows: [isOurs: boolean, started: string | undefined, level: string, fix: boolean][] = [
    [false, undefined, "ok", false],
    [false, "http://localhost:8001", "ok", false],
    [true, undefined, "warning", false],
    [true, "http://127.0.0.1:8000", "warning", true],
  ];
  for (const [isOurs, started, level, fix] of rows) {
    const versions = (await asking(answers(isOurs), started)).find(({ check }) =>
      check === "versions"
    );
    deepEqual([versions?.level, versions?.fix !== undefined], [level, fix]);
    match(versions?.text ?? "", /1\.0\.0/);
  }
});

processTest(
  "registryFindings() tells a registry from nothing and from something else",
  async () => {
    const health = { version: VERSION, uptime_seconds: 1, timestamp: "", service: "" };
    const well = await asking(() =>
      Promise.resolve(Response.json({ ...health, status: "healthy" }))
    );
    deepEqual(well.map(({ check, level }) => [check, level]), [
      ["registry", "ok"],
      ["versions", "ok"],
      ["clock", "skipped"],
    ]);
    const ill = await asking(() =>
      Promise.resolve(Response.json({ ...health, status: "unhealthy" }, { status: 503 }))
    );
    equal(ill[0]?.level, "failure");
    const nobody = await asking(() => Promise.reject(new TypeError("refused")));
    deepEqual(nobody, [{
      check: "registry",
      level: "failure",
      text: "no registry answers at http://localhost:8000",
      fix: "meshctl start --registry-only -d",
    }]);
    const other = await asking(() => Promise.resolve(new Response("hello")));
    match(other[0]?.text ?? "", /with HTTP 200, but not as a registry does/);
    const { body } = endless("x".repeat(2 ** 20));
    const unending = await asking(() => Promise.resolve(new Response(body)));
    match(unending[0]?.text ?? "", /with HTTP 200, but not as a registry does/);
  },
);

Deno.test("kvFinding() reads what is there, and says why it cannot", async () => {
  const folder = await Deno.makeTempDir();
  try {
    match((await kvFinding(`${folder}/none.kv`, 1_000)).text, /is made when a registry is started/);
    await Deno.writeTextFile(`${folder}/broken.kv`, "this is no database, whatever its name says");
    const broken = await kvFinding(`${folder}/broken.kv`, 1_000);
    equal(broken.level, "failure");
    equal(broken.fix, `mv ${folder}/broken.kv ${folder}/broken.kv.broken`);
    (await Deno.openKv(`${folder}/good.kv`)).close();
    equal((await kvFinding(`${folder}/good.kv`, 1_000)).level, "ok");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("redisFinding() asks what is set, and tells nobody the password", async () => {
  equal((await redisFinding({}, 500)).level, "skipped");
  const rows: [url: string, fix: string][] = [
    ["redis://:secret@127.0.0.1:1", "docker run -d -p 1:6379 redis:8"],
    ["redis://redis.invalid:6379", "unset REDIS_URL"],
  ];
  for (const [url, fix] of rows) {
    const finding = await redisFinding({ REDIS_URL: url }, 500);
    equal(finding.level, "failure");
    equal(finding.fix, fix);
    equal(finding.text.includes("secret"), false);
  }
});

Deno.test("redisFinding() does not wait for ever for somebody who says nothing", async () => {
  const server = createServer((socket) => socket.resume());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // It listens on TCP, so its address is one of these.
  const { port } = server.address() as { port: number };
  const { level, text } = await redisFinding({ REDIS_URL: `redis://127.0.0.1:${port}` }, 300);
  equal(level, "failure");
  match(text, /does not answer: no answer within 0\.3 s/);
  await new Promise((resolve) => server.close(resolve));
});

processTest("redisFinding() tells a Redis that answers from one that is gone", async () => {
  await using redis = await RedisServer.open();
  const well = await redisFinding({ REDIS_URL: redis.url }, 5_000);
  deepEqual([well.level, well.text], ["ok", `${redis.url} answers`]);
  await redis.kill();
  const gone = await redisFinding({ REDIS_URL: redis.url }, 5_000);
  equal(gone.level, "failure");
  equal(gone.fix, `docker run -d -p ${new URL(redis.url).port}:6379 redis:8`);
  await redis.start();
  equal((await redisFinding({ REDIS_URL: redis.url }, 5_000)).level, "ok");
});

Deno.test({
  name: "redisFinding() shows and wants the certificates that agents do",
  ignore: !Certificates.areAvailable() || !RedisServer.isInstalled(),
  fn: async () => {
    await using certificates = await Certificates.make();
    await using redis = await RedisServer.open({ certificates });
    const { ca, client } = certificates;
    const ask = (variables: Record<string, string>) =>
      redisFinding({ REDIS_URL: redis.url, ...variables }, 5_000);
    const all = { REDIS_TLS_CA: ca, REDIS_TLS_CERT: client.cert, REDIS_TLS_KEY: client.key };
    equal((await ask(all)).level, "ok");
    match((await ask({})).text, /does not answer: .*(certificate|issuer)/i);
    match((await ask({ REDIS_TLS_CA: ca })).text, /does not answer: .*certificate/i);
    match(
      (await ask({ REDIS_TLS_CA: "/nowhere.pem" })).text,
      /^REDIS_TLS_CA=\/nowhere\.pem cannot/,
    );
  },
});
