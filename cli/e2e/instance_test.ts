import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type AgentRecord, AgentRecordSchema } from "../../runtime/process/plan.ts";
import { fixture, type TestMesh, withMesh } from "./meshctl.ts";

function recordPath(mesh: TestMesh): string {
  return join(mesh.home, "agents", "clock.json");
}

/** The record of the agent, once it is as wanted. */
async function record(
  mesh: TestMesh,
  isWanted: (record: AgentRecord) => boolean,
): Promise<AgentRecord> {
  const changes = Deno.watchFs(join(mesh.home, "agents"));
  try {
    for (;;) {
      const read = AgentRecordSchema.safeParse(
        JSON.parse(await readFile(recordPath(mesh), "utf8")),
      );
      if (read.data !== undefined && isWanted(read.data)) return read.data;
      await changes[Symbol.asyncIterator]().next();
    }
  } finally {
    changes.close();
  }
}

/** What the registry answers somebody who registers under the id of the agent. */
async function stealing(mesh: TestMesh, agent_id: string): Promise<string> {
  const response = await fetch(`${mesh.registryUrl}/heartbeat`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ agent_id, name: "clock", http_host: "127.0.0.1", http_port: 9 }),
  });
  const { status, message } = await response.json();
  return `${status}: ${message}`;
}

const isRegistered = ({ phase }: AgentRecord) => phase === "registered";

Deno.test("an agent that is killed comes back as the same at once, and nobody else takes its place", async () => {
  await withMesh(async (mesh) => {
    const started = await mesh.run("start", "-d", "--restart", "on-failure", fixture("clock"));
    equal(started.code, 0, started.stderr);
    const first = await record(mesh, isRegistered);
    ok(first.instance_token, "the record has the token");
    equal((await stat(recordPath(mesh))).mode & 0o777, 0o600);
    match(await stealing(mesh, first.agent_id ?? ""), /^error: .* held by another instance/);

    const killedAt = performance.now();
    Deno.kill(first.pid, "SIGKILL");
    const second = await record(mesh, (record) => isRegistered(record) && record.pid !== first.pid);
    deepEqual(
      [second.agent_id, second.instance_token],
      [first.agent_id, first.instance_token],
    );
    // The registry counts it as there for 20 s after its last beat.
    ok(performance.now() - killedAt < 15_000, "it did not wait until it was given up");
    match(await stealing(mesh, first.agent_id ?? ""), /^error: .* held by another instance/);

    const { stdout } = await mesh.run("status", "--json");
    equal(stdout.includes(first.instance_token), false, "status tells no token");
    equal((await mesh.run("stop")).code, 0);
    deepEqual(await mesh.processes(), []);
    equal((await mesh.run("start", "-d", fixture("clock"))).code, 0);
    const third = await record(mesh, isRegistered);
    notEqual(third.agent_id, first.agent_id);
    notEqual(third.instance_token, first.instance_token);
    equal((await mesh.run("stop")).code, 0);
  });
});

Deno.test("an agent that is saved anew, and one that starts in another process, is the same holder", async () => {
  await withMesh(async (mesh) => {
    const file = join(mesh.home, "clock.ts");
    const text = await readFile(fixture("clock"), "utf8");
    await Deno.writeTextFile(file, text);
    const started = await mesh.run("start", "-d", "-w", file);
    equal(started.code, 0, started.stderr);
    const first = await record(mesh, isRegistered);
    // Another namespace needs another process.
    await Deno.writeTextFile(
      file,
      text.replace(/name: "clock",/, 'name: "clock", namespace: "blue",'),
    );
    const second = await record(mesh, (record) => isRegistered(record) && record.pid !== first.pid);
    deepEqual(
      [second.agent_id, second.instance_token],
      [first.agent_id, first.instance_token],
    );
    equal((await mesh.run("stop")).code, 0);
  });
});
