import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fixture, type TestMesh, withMesh } from "./meshctl.ts";

const [PAYER, SHOP] = [fixture("payer"), fixture("shop")];

async function started(mesh: TestMesh, ...args: string[]): Promise<void> {
  const { code, stderr } = await mesh.run("start", "-d", ...args);
  equal(code, 0, stderr);
}

/** Ids that an agent has paid for, in order. */
async function paid(mesh: TestMesh, agent: string): Promise<string[]> {
  const log = await readFile(join(mesh.home, "logs", `${agent}.log`), "utf8");
  return [...log.matchAll(/PAID (\S+)/g)].map(([, id = ""]) => id);
}

/** Settles once one of the agents has paid for something, with that agent. */
async function payerOf(mesh: TestMesh, id: string, ...agents: string[]): Promise<string> {
  const logs = agents.map((agent) => ({ agent, reader: mesh.spawn("logs", "-f", agent) }));
  try {
    return await Promise.any(logs.map(async ({ agent, reader }) => {
      await reader.line(`PAID ${id}`);
      return agent;
    }));
  } finally {
    for (const { reader } of logs) reader.signal("SIGINT");
    await Promise.all(logs.map(({ reader }) => reader.ended));
  }
}

Deno.test("a call that a stop cuts off runs once, and its caller hears that it may have run", async () => {
  await withMesh(async (mesh) => {
    await started(mesh, PAYER);
    await started(mesh, "--agent-name", "payer-b", PAYER);
    await started(mesh, SHOP);
    const call = mesh.run("call", "buy", "id=x", "ms=60000", "-o", "value");
    const payer = await payerOf(mesh, "x", "payer", "payer-b");
    equal((await mesh.run("stop", payer, "--timeout", "0.3")).code, 0);
    const { code, stderr } = await call;
    equal(code, 5);
    match(stderr, /buy failed: pay: agent "payer(-b)?" stopped; it waited 0\.3 s .* may have run/);
    deepEqual([...await paid(mesh, "payer"), ...await paid(mesh, "payer-b")], ["x"]);
  });
});

Deno.test("stop waits for calls under way as long as it is told to, says so, and cuts nothing at 3 s", async () => {
  await withMesh(async (mesh) => {
    await started(mesh, PAYER);
    const call = mesh.run("call", "pay", "id=x", "ms=4500", "-o", "value");
    await payerOf(mesh, "x", "payer");
    const stopped = await mesh.run("stop", "payer", "--timeout", "30");
    equal(stopped.code, 0);
    match(stopped.stderr, /^Waiting for 1 call of payer, at most (29|30) s\n$/);
    deepEqual(await call, { code: 0, stdout: "paid x\n", stderr: "" });
  });
});

Deno.test("SIGTERM waits for calls under way, and a second one cuts them off", async () => {
  await withMesh(async (mesh) => {
    await started(mesh, PAYER);
    const { pid } = JSON.parse(await readFile(join(mesh.home, "agents", "payer.json"), "utf8"));
    const long = mesh.run("call", "pay", "id=x", "ms=60000");
    await payerOf(mesh, "x", "payer");
    Deno.kill(pid, "SIGTERM");
    const late = await mesh.run("call", "pay", "id=late");
    equal(late.code, 3, "it is out of the mesh at once");
    Deno.kill(pid, "SIGTERM");
    const { code, stdout } = await long;
    equal(code, 5);
    match(stdout, /agent \\"payer\\" stopped; it waited [\d.]+ s for this call: it may have run/);
    deepEqual(await paid(mesh, "payer"), ["x"]);
  }, { MCP_MESH_SHUTDOWN_TIMEOUT: "50" });
});

Deno.test("stop ends consumers before their providers: a call under way still makes its own", async () => {
  for (const layout of [[], ["--pack"]]) {
    await withMesh(async (mesh) => {
      await started(mesh, ...layout, PAYER, SHOP);
      const call = mesh.run("call", "buy_two", "id=x", "ms=700", "-o", "value", "--raw");
      await payerOf(mesh, "x-1", "payer");
      const { code, stdout } = await mesh.run("stop");
      equal(code, 0);
      ok(stdout.indexOf("Stopped shop") < stdout.indexOf("Stopped payer") || layout.length > 0);
      deepEqual(await call, { code: 0, stdout: '["paid x-1","paid x-2"]\n', stderr: "" });
      deepEqual(await mesh.processes(), []);
    });
  }
});

Deno.test("Ctrl+C waits for calls under way, and says so", async () => {
  await withMesh(async (mesh) => {
    const front = mesh.spawn("start", PAYER, SHOP);
    await front.line("Ctrl+C stops everything.");
    const call = mesh.run("call", "buy", "id=x", "ms=2500", "-o", "value");
    await front.line("PAID x");
    front.signal("SIGINT");
    await front.line("Waiting for 1 call of shop");
    equal((await call).stdout, "paid x\n");
    equal((await front.ended).code, 0);
  });
});

Deno.test("a stop of the registry lets calls through it finish", async () => {
  await withMesh(async (mesh) => {
    await started(mesh, PAYER);
    const call = mesh.run("call", "pay", "id=x", "ms=2500", "-o", "value");
    await payerOf(mesh, "x", "payer");
    equal((await mesh.run("stop", "--registry")).code, 0);
    deepEqual(await call, { code: 0, stdout: "paid x\n", stderr: "" });
  });
});

Deno.test("an agent that is deaf is not waited for", async () => {
  await withMesh(async (mesh) => {
    await started(mesh, PAYER);
    const { pid } = JSON.parse(await readFile(join(mesh.home, "agents", "payer.json"), "utf8"));
    Deno.kill(pid, "SIGSTOP");
    const before = performance.now();
    equal((await mesh.run("stop", "payer", "--timeout", "600")).code, 0);
    ok(performance.now() - before < 20_000);
    deepEqual(await mesh.processes().then((pids) => pids.includes(pid)), false);
  });
});
