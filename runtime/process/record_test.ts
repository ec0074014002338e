import assert from "node:assert/strict";
import { MeshError } from "../base/errors.ts";
import { AgentRecordSchema, type PlannedAgent } from "./plan.ts";
import { RecordFile } from "./record.ts";

async function folder(): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

function planned(record: string, agent_id?: string): PlannedAgent {
  const id = agent_id === undefined ? {} : { agent_id };
  return { file: "/a.ts", name: "a", record, permissions: {}, ...id };
}

const TOKEN = "t".repeat(43);
const before = {
  name: "a",
  file: "/a.ts",
  pid: 1,
  phase: "registered",
  registry: "",
  started_at: "",
  unresolved: [],
  agent_id: "a-1",
  instance_token: TOKEN,
};

const cases: [name: string, text: string | undefined, id: string | undefined, token?: string][] = [
  ["the agent keeps its id", JSON.stringify(before), "a-1", TOKEN],
  ["the agent has another id", JSON.stringify(before), "a-2"],
  ["the agent is a new one", JSON.stringify(before), undefined],
  ["there is none", undefined, "a-1"],
  ["it cannot be read", "{", "a-1"],
  ["it has none", JSON.stringify({ ...before, instance_token: undefined }), "a-1"],
];
for (const [name, text, id, token] of cases) {
  Deno.test(`RecordFile takes the token of the record over: ${name}`, async () => {
    await using home = await folder();
    const path = `${home.path}/a.json`;
    if (text !== undefined) await Deno.writeTextFile(path, text);
    const record = new RecordFile(planned(path, id), "http://registry");
    assert.equal(record.instanceToken, token);
    const written = AgentRecordSchema.parse(JSON.parse(await Deno.readTextFile(path)));
    assert.equal(written.phase, "loading");
    // The process after this one takes it over as well, however far this one comes.
    assert.equal(new RecordFile(planned(path, id), "").instanceToken, token);
  });
}

Deno.test("RecordFile says which processes run the code, until others do or none", async () => {
  await using home = await folder();
  const path = `${home.path}/a.json`;
  const record = new RecordFile(planned(path), "http://registry");
  const written = async () => AgentRecordSchema.parse(JSON.parse(await Deno.readTextFile(path)));
  assert.equal((await written()).code, undefined);
  record.code([{ pid: 7 }]);
  record.code([{ pid: 7, birth: "boot/1" }, { pid: 8 }]);
  assert.deepEqual((await written()).code, [{ pid: 7, birth: "boot/1" }, { pid: 8 }]);
  record.failed(new MeshError("host_crashed", "it is gone"));
  assert.equal((await written()).code?.length, 2);
  record.code([]);
  assert.deepEqual((await written()).code, []);
});

Deno.test({
  name: "RecordFile is its user's own",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using home = await folder();
    const path = `${home.path}/a.json`;
    await Deno.writeTextFile(path, "{}", { mode: 0o644 });
    new RecordFile(planned(path), "http://registry");
    assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
  },
});

Deno.test("RecordFile writes what it could not, once it can, and says both", async () => {
  const root = await Deno.makeTempDir();
  try {
    const folder = `${root}/agents`;
    // Nothing waits for a record: its timer alone would let the process end.
    const alive = setInterval(() => {}, 1_000);
    const troubles: string[] = [];
    const back = Promise.withResolvers<void>();
    const record = new RecordFile(
      planned(`${folder}/a.json`),
      "http://registry",
      undefined,
      (message) => {
        troubles.push(message);
        if (troubles.length === 2) back.resolve();
      },
    );
    record.failed(new MeshError("port_taken", "port 1 is taken"));
    assert.match(troubles.join("\n"), /^the record .*a\.json cannot be written: No such file/);
    await Deno.mkdir(folder);
    await back.promise;
    clearInterval(alive);
    assert.match(troubles[1] ?? "", /^the record .*a\.json is written again$/);
    const text = await Deno.readTextFile(`${folder}/a.json`);
    assert.equal(AgentRecordSchema.parse(JSON.parse(text)).error?.code, "port_taken");
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
