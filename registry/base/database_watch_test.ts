import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { DatabaseWatch, openedFile } from "./database_watch.ts";
import { BreakableKv } from "../suites/kv_fixture.ts";
import { consumer, provider, row, type TestMesh } from "../suites/mesh_fixture.ts";
import { type RegistryProcess, spawned, temporaryDatabase } from "../suites/process_fixture.ts";
import { MAY_START_PROCESSES, processTest } from "../../.ci/fixtures/process_tests.ts";

Deno.test("DatabaseWatch tells once that writes fail, and once that they work again", async () => {
  using database = await BreakableKv.open();
  const log: string[] = [];
  const watch = new DatabaseWatch({ kv: database.kv, log: (line) => log.push(line) });
  database.fault = new Error("database or disk is full");
  await rejects(watch.kv.atomic().set(["a"], 1).commit(), /disk is full/);
  await rejects(watch.kv.atomic().set(["a"], 1).commit(), /disk is full/);
  equal(watch.fault, "the database does not take writes: database or disk is full");
  await watch.look();
  ok(watch.fault);
  database.fault = undefined;
  await watch.look();
  equal(watch.fault, undefined);
  deepEqual(log, [
    "the database does not take writes: database or disk is full",
    "the database keeps what is written again",
  ]);
});

const faultless: [name: string, write: (kv: Deno.Kv) => Promise<unknown>][] = [
  ["a value that is too large", (kv) => kv.set(["a"], "x".repeat(70_000))],
  ["a key that is too long", (kv) => kv.set(["x".repeat(3_000)], 1)],
];
for (const [name, write] of faultless) {
  Deno.test(`DatabaseWatch does not blame the database for ${name}`, async () => {
    using database = await BreakableKv.open();
    const watch = new DatabaseWatch({ kv: database.kv, log: () => {} });
    await rejects(write(watch.kv), TypeError);
    equal(watch.fault, undefined);
  });
}

Deno.test("DatabaseWatch lets nothing through while what is written would be lost", async () => {
  using database = await BreakableKv.open();
  const log: string[] = [];
  let lost: string | undefined;
  const watch = new DatabaseWatch({
    kv: database.kv,
    lost: () => Promise.resolve(lost),
    log: (line) => log.push(line),
  });
  await watch.kv.set(["a"], 1);
  lost = "the file is gone";
  await watch.look();
  await watch.look();
  equal(watch.fault, lost);
  const { kv } = watch;
  const asks = [
    () => kv.get(["a"]),
    () => kv.getMany([["a"]]),
    () => kv.set(["a"], 2),
    () => kv.delete(["a"]),
    () => kv.atomic().set(["a"], 2).commit(),
    () => Array.fromAsync(kv.list({ prefix: [] })),
  ];
  for (const ask of asks) await rejects(async () => await ask(), /the file is gone/);
  lost = undefined;
  await watch.look();
  equal((await kv.get(["a"])).value, 1);
  deepEqual(log, ["the file is gone", "the database keeps what is written again"]);
});

Deno.test("openedFile() tells a file that is gone from one that is another", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/x.kv`;
    await Deno.writeTextFile(path, "");
    const lost = await openedFile(path);
    equal(await lost(), undefined);
    await Deno.writeTextFile(path, "more of it");
    equal(await lost(), undefined);
    await Deno.rename(path, `${folder}/aside`);
    match(await lost() ?? "", /x\.kv was deleted while the registry runs; restart/);
    await Deno.writeTextFile(path, "another");
    match(await lost() ?? "", /x\.kv was replaced while the registry runs; restart/);
    await Deno.rename(`${folder}/aside`, path);
    equal(await lost(), undefined);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function health(mesh: TestMesh): Promise<[number, string, string[] | undefined]> {
  const response = await mesh.send("/health");
  const { status, errors } = await response.json();
  return [response.status, status, errors];
}

row("full disk", "is in /health and once in the log, and is over when it is", async (mesh) => {
  await mesh.register(provider("p", "c"));
  deepEqual(await health(mesh), [200, "healthy", undefined]);
  const fault = mesh.database.fault = new Error("database or disk is full");
  // Reads work on a full disk.
  Object.assign(mesh.database.kv, { get: mesh.database.sound.get.bind(mesh.database.sound) });
  for (let agent = 0; agent < 20; agent++) {
    const response = await mesh.post(provider(`p-${agent}`, "c"));
    equal(response.status, 503);
    await response.body?.cancel();
  }
  const [status, said, errors] = await health(mesh);
  deepEqual([status, said], [503, "unhealthy"]);
  deepEqual(errors, [`the database does not take writes: ${fault.message}`]);
  await mesh.tend();
  equal(mesh.log.filter((line) => line.includes("disk is full")).length, 1, mesh.log.join("\n"));
  mesh.database.fault = undefined;
  deepEqual(await health(mesh), [200, "healthy", undefined]);
  equal(mesh.log.at(-1), "the database keeps what is written again");
});

/** The registry's own words, once there are enough of them. */
async function ended(registry: RegistryProcess): Promise<string[]> {
  registry.kill("SIGTERM");
  const { code, errors } = await registry.ended();
  equal(code, 0, errors);
  return errors.trim().split("\n");
}

/** Asks for the health until it is as wanted. */
async function healthUntil(url: string, wanted: number): Promise<string[]> {
  for (;;) {
    const response = await fetch(`${url}/health`);
    const { errors = [] } = await response.json();
    if (response.status === wanted) return errors;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function post(url: string, agent: unknown): Promise<number> {
  const response = await fetch(`${url}/heartbeat`, { method: "POST", body: JSON.stringify(agent) });
  await response.body?.cancel();
  return response.status;
}

const losses: [what: string, lose: (path: string) => Promise<void>, said: RegExp][] = [
  ["deleted", (path) => Deno.remove(path), /registry\.kv was deleted while the registry runs/],
  [
    "replaced",
    async (path) => {
      await Deno.copyFile(path, `${path}.copy`);
      await Deno.rename(`${path}.copy`, path);
    },
    /registry\.kv was replaced while the registry runs/,
  ],
];
for (const [what, lose, said] of losses) {
  processTest(
    `a registry whose database file was ${what} stores nothing any more, and says so`,
    async () => {
      await using database = await temporaryDatabase();
      const registry = await spawned(database.path);
      equal(await post(registry.url, provider("p", "c")), 200);
      equal(await post(registry.url, consumer("a", "c")), 200);
      await lose(database.path);
      match((await healthUntil(registry.url, 503)).join(), said);
      equal(await post(registry.url, provider("q", "c")), 503);
      equal(
        await post(registry.url, provider("p", "c")),
        503,
        "an agent that says nothing new too",
      );
      const listed = await (await fetch(`${registry.url}/agents`)).json();
      equal(listed.count, 2, "what is known is still answered");
      const events = await fetch(`${registry.url}/events`);
      equal(events.status, 503);
      match((await events.json()).error, said);
      const beat = async () =>
        (await fetch(`${registry.url}/heartbeat/a`, { method: "HEAD" })).status;
      while (await beat() !== 503) await new Promise((resolve) => setTimeout(resolve, 50));
      const lines = await ended(registry);
      equal(lines.filter((line) => said.test(line)).length >= 1, true, lines.join("\n"));
      ok(lines.length <= 8, lines.join("\n"));
    },
  );
}

/** Whether this process may mount a small disk. */
async function smallDisk(path: string, size: string): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  const args = ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", path];
  const mount = new Deno.Command("mount", { args, stderr: "null" });
  return (await mount.output().catch(() => undefined))?.success === true;
}

processTest(
  "a registry on a full disk lives, says so, and goes on once there is room",
  async (test) => {
    const folder = await Deno.makeTempDir();
    const mounted = await smallDisk(folder, "8m");
    try {
      await test.step({
        name: "with its database and its log on it",
        ignore: !mounted,
        async fn() {
          const registry = await spawned(`${folder}/registry.kv`, [], {}, `${folder}/registry.log`);
          equal(await post(registry.url, provider("p", "c")), 200);
          await using filler = await Deno.open(`${folder}/filler`, { write: true, create: true })
            .then((file) =>
              Object.assign(file, { [Symbol.asyncDispose]: () => Promise.resolve(file.close()) })
            );
          const block = new Uint8Array(4096);
          await rejects(async () => {
            for (;;) await filler.write(block);
          }, /space/);
          const large = (index: number) =>
            provider(`q-${index}`, "c", {
              description: "x".repeat(200),
              tools: [{ function_name: "f", capability: "c", description: "x".repeat(50_000) }],
            });
          let refused = 0;
          for (let index = 0; index < 60; index++) {
            if (await post(registry.url, large(index)) === 503) refused++;
          }
          ok(refused > 10, `${refused} were refused`);
          match((await healthUntil(registry.url, 503)).join(), /does not take writes: .*full/);
          await filler.truncate(0);
          await healthUntil(registry.url, 200);
          equal(await post(registry.url, large(0)), 200);
          registry.kill("SIGTERM");
          equal((await registry.ended()).code, 0);
          const log = await Deno.readTextFile(`${folder}/registry.log`);
          ok(log.split("\n").filter((line) => /does not take writes/.test(line)).length <= 3, log);
        },
      });
    } finally {
      if (mounted) await new Deno.Command("umount", { args: ["-l", folder] }).output();
      await Deno.remove(folder, { recursive: true });
    }
  },
);

Deno.test({
  name: "a registry whose log takes nothing lives",
  ignore: !MAY_START_PROCESSES || Deno.build.os !== "linux",
  async fn() {
    await using database = await temporaryDatabase();
    const registry = await spawned(database.path, [], {}, "/dev/full");
    await Deno.remove(database.path);
    await healthUntil(registry.url, 503);
    equal(await post(registry.url, provider("q", "c")), 503);
    registry.kill("SIGTERM");
    equal((await registry.ended()).code, 0);
  },
});
