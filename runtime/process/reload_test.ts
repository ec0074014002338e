/** Agent processes that are told to load their agents anew, as `meshctl start --watch` does. */
import assert from "node:assert/strict";
import { callTool } from "../mcp/client.ts";
import { decodeResult } from "../boundary/result.ts";
import type { AgentRecord } from "./plan.ts";
import { AgentProcess } from "./process_fixture.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

const NO_REGISTRY = { MCP_MESH_REGISTRY_URL: "http://127.0.0.1:9" };
const CONTROLLED = { commands: true, watched: true } as const;
const AGENT = "planned-0";
const listens = ({ phase }: AgentRecord) => phase === "listening";

/** An agent that answers `answer`, in a file of its own. */
class Module implements AsyncDisposable {
  readonly #folder = Deno.makeTempDirSync();
  readonly file = `${this.#folder}/module.ts`;

  constructor(answer: string) {
    this.write(answer);
  }

  write(answer: string, more = "", tool = "answer"): void {
    Deno.writeTextFileSync(
      this.file,
      `import { agent, tool } from "mesh";
let release = () => {};
export default agent({
  name: "module",${more}
  tools: {
    ${tool}: tool({}, () => ${answer}),
    wait: tool({}, async () => {
      await new Promise<void>((resolve) => release = resolve);
      return ${answer};
    }),
    release: tool({}, () => release()),
  },
});
`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

async function controlled(module: Module, env: Record<string, string> = {}) {
  const process = await AgentProcess.plan([{ file: module.file }], { ...NO_REGISTRY, ...env }, {
    ...CONTROLLED,
  });
  await process.tell({ type: "birth", birth: "once" });
  return process;
}

async function call({ endpoint }: AgentRecord, tool: string) {
  return decodeResult(
    await callTool(fetch, {
      endpoint: String(endpoint),
      tool,
      args: {},
      signal: new AbortController().signal,
      remainingMs: 20_000,
      headers: {},
    }),
  );
}

const load = (id: number) => ({ type: "load", agent: AGENT, id, permissions: {} }) as const;
const run = (id: number) => ({ type: "run", agent: AGENT, id }) as const;

processTest(
  "a reload changes the code and neither the process nor the port; keep and back are honoured",
  async () => {
    await using module = new Module("1");
    await using process = await controlled(module);
    const record = await process.record(listens);
    assert.equal(record.birth, "once");
    assert.equal(await call(record, "answer"), 1);

    module.write("2");
    assert.equal((await process.reload(load(1), "loaded")).error, undefined);
    assert.equal(await call(record, "answer"), 1, "loaded is not running");
    assert.equal((await process.reload(run(1), "running")).changed, false);
    assert.equal(await call(record, "answer"), 2);
    assert.equal((await process.reload({ ...run(1), type: "back" }, "back")).changed, false);
    assert.equal(await call(record, "answer"), 1);

    module.write("3", "", "renamed");
    await process.reload(load(2), "loaded");
    assert.equal((await process.reload(run(2), "running")).changed, true);
    await process.tell({ ...run(2), type: "keep" });
    assert.equal(await call(record, "renamed"), 3);
    await assert.rejects(call(record, "answer"), { code: "not_found" });
    const after = await process.record(({ reload }) => reload?.id === 2);
    assert.deepEqual([after.pid, after.port], [record.pid, record.port]);
    assert.equal((await process.stop("SIGTERM")).code, 0);
  },
);

processTest("a call that is under way finishes on the code it began on", async () => {
  await using module = new Module('"old"');
  await using process = await controlled(module);
  const record = await process.record(listens);
  const waiting = call(record, "wait");
  // Answered after the call that waits, of which it says that it has begun.
  assert.equal(await call(record, "answer"), "old");
  module.write('"new"');
  await process.reload(load(1), "loaded");
  await process.reload(run(1), "running");
  assert.equal(await call(record, "answer"), "new");
  await process.reload({ ...run(1), type: "back" }, "back");
  await call(record, "release");
  assert.equal(await waiting, "old");
});

processTest(
  "a module that cannot be loaded is refused with its place, and what runs goes on",
  async () => {
    await using module = new Module("1");
    await using process = await controlled(module);
    const record = await process.record(listens);
    module.write(")");
    const { error } = await process.reload(load(1), "refused");
    assert.match(String(error?.message), /module\.ts:6:\d+/);
    const missing = await process.reload(run(2), "refused");
    assert.match(String(missing.error?.message), /nothing is loaded for reload 2/);
    assert.equal(await call(record, "answer"), 1);
  },
);

processTest("a module that never finishes loading gives way to its next version", async () => {
  await using module = new Module("1");
  await using process = await controlled(module);
  const record = await process.record(listens);
  Deno.writeTextFileSync(module.file, "setInterval(() => {}, 1e6);\nawait new Promise(() => {});");
  await process.tell(load(1));
  module.write("2");
  await process.reload(load(2), "loaded");
  await process.reload(run(2), "running");
  assert.equal(await call(record, "answer"), 2);
});

processTest("what needs another process is told and changes nothing", async () => {
  await using module = new Module("1");
  await using process = await controlled(module);
  const record = await process.record(listens);
  const rows: [string, RegExp][] = [
    ['namespace: "other",', /its namespace is "other" now/],
    ["port: 1,", /its port is 1 now/],
    ["sessions: true,", /sessions/],
  ];
  for (const [index, [declared, reason]] of rows.entries()) {
    module.write("2", declared);
    const { error } = await process.reload(load(index), "outgrown");
    assert.match(String(error?.message), reason);
  }
  assert.equal(await call(record, "answer"), 1);
});

processTest("an agent that does not start waits for a version that does", async () => {
  await using module = new Module(")");
  await using process = await controlled(module);
  const failed = await process.record(({ phase }) => phase === "failed");
  assert.match(String(failed.error?.message), /module\.ts:6/);
  module.write("1");
  await process.reload(load(1), "loaded");
  await process.reload(run(1), "running");
  const record = await process.record(listens);
  assert.equal(record.pid, failed.pid);
  assert.notEqual(record.error?.code, failed.error?.code);
  assert.equal(await call(record, "answer"), 1);
  await process.tell({ type: "stop", agent: AGENT });
  assert.equal((await process.ended()).code, 0, "nothing is left to be done");
});

processTest("permissions are those of the reload", async () => {
  await using module = new Module('Deno.env.get("MESH_SUITE_WORD") ?? "none"');
  await using process = await controlled(module, { MESH_SUITE_WORD: "read" });
  const record = await process.record(listens);
  await assert.rejects(call(record, "answer"), { code: "permission_denied" });
  await process.reload({ ...load(1), permissions: { env: ["MESH_SUITE_WORD"] } }, "loaded");
  await process.reload(run(1), "running");
  assert.equal(await call(record, "answer"), "read");
});

processTest("a process that is tied ends when nobody is left to tell it anything", async () => {
  await using module = new Module("1");
  await using process = await AgentProcess.plan([{ file: module.file }], NO_REGISTRY, {
    commands: true,
    tied: true,
  });
  await process.tell({ type: "birth" });
  await process.record(listens);
  await process.child.stdin.close();
  assert.equal((await process.ended()).code, 0);
});
