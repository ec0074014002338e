/** Isolation, which only hosts of isolated code have. */
import assert from "node:assert/strict";
import { isObject } from "../base/json.ts";
import { bareEnvironment, valueOf } from "../suites/call_fixture.ts";
import type { Permissions } from "./grant.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";
import { isolated } from "../suites/hosts_fixture.ts";
import { hostSandboxed } from "./sandboxed.ts";

const suite = new URL("../suites/testdata/suite_agent.ts", import.meta.url).href;

const refused: [tool: string, args: unknown, flag: string][] = [
  ["reads_file", {}, "--allow-read"],
  ["reads_env", { name: "HOME" }, "--allow-env"],
  ["fetches", {}, "--allow-net"],
  ["wraps_refusal", {}, "--allow-read"],
];

const broken: [name: string, source: string, expected: RegExp][] = [
  [
    "a syntax error",
    "export const a = 1;\nconst b = ;\n",
    /broken\.ts:2:11: .*Expression expected/,
  ],
  [
    "a missing import",
    'import { x } from "./missing.ts";\nx();',
    /broken\.ts:1:\d+: .*missing\.ts/,
  ],
  [
    "an unknown package",
    'import x from "no-such-package";\nx();',
    /broken\.ts:1:\d+: .*no-such-package/,
  ],
  ["no agent", "export default 42;", /broken\.ts exports no agent; end it with/],
  [
    "an error of its own",
    "const load = () => {\n  throw new Error('no data');\n};\nload();",
    /broken\.ts:2:\d+: no data/,
  ],
  [
    "a bad definition",
    'import { agent } from "mesh";\n\nexport default agent({ name: "Bad Name", tools: {} });',
    /broken\.ts:3:\d+: agent name "Bad Name" is not valid/,
  ],
];

for (const [kind, host] of Object.entries(isolated((host) => host))) {
  const test = kind === "process" ? processTest : Deno.test;
  const open = (permissions: Permissions = {}, log: (message: string) => void = () => {}) =>
    host({ url: suite, permissions, log: (_level, message) => log(message) });

  for (const [tool, args, flag] of refused) {
    test(`${kind} without ${flag}: ${tool} is refused and the flag named`, async () => {
      await using agent = await open();
      await assert.rejects(
        valueOf(agent, tool, args),
        (error: { code: string; message: string }) => {
          assert.equal(error.code, "permission_denied");
          assert.ok(error.message.includes(flag), error.message);
          return true;
        },
      );
      assert.equal(await valueOf(agent, "echo", { value: "alive" }), "alive");
    });
  }

  test(`${kind} tells of every refusal, also of those that its code catches`, async () => {
    const refused: string[] = [];
    await using agent = await host({
      url: suite,
      permissions: {},
      log: () => {},
      refused: (message) => refused.push(message),
    });
    // As it is in Deno itself: the name is the error's own.
    assert.equal(await valueOf(agent, "swallows_refusal"), "rejected, name");
    await assert.rejects(valueOf(agent, "wraps_refusal"));
    assert.deepEqual(refused.map((message) => /Requires (.*?),/.exec(message)?.[1]).toSorted(), [
      'env access to "HOME"',
      'read access to "/etc/hostname"',
      'read access to "/etc/hostname"',
    ]);
  });

  test(`${kind} grants exactly what is declared, beside a narrower neighbour`, async () => {
    Deno.env.set("MESH_SUITE_ALLOWED", "yes");
    await using wide = await open({ env: ["MESH_SUITE_ALLOWED"], read: ["/etc/hostname"] });
    await using narrow = await open();
    assert.equal(await valueOf(wide, "reads_env", { name: "MESH_SUITE_ALLOWED" }), "yes");
    assert.equal(await valueOf(wide, "reads_file"), await Deno.readTextFile("/etc/hostname"));
    await assert.rejects(valueOf(wide, "reads_env", { name: "HOME" }), {
      code: "permission_denied",
    });
    await assert.rejects(valueOf(narrow, "reads_env", { name: "MESH_SUITE_ALLOWED" }), {
      code: "permission_denied",
    });
    Deno.env.delete("MESH_SUITE_ALLOWED");
  });

  test(`${kind} with --ignore-env: what may not be read is absent, for Deno and for Node`, async () => {
    Deno.env.set("MESH_SUITE_ALLOWED", "yes");
    await using all = await open({ env: ["MESH_SUITE_*"], ignoreEnv: true });
    for (const tool of ["reads_env", "reads_process_env"]) {
      const value = async (name: string) => {
        const found = await valueOf(all, tool, { name });
        return isObject(found) && "value" in found ? found.value : found;
      };
      assert.equal(await value("MESH_SUITE_ALLOWED"), "yes");
      assert.equal(await value("HOME"), null);
    }
    assert.deepEqual(await valueOf(all, "reads_process_env", { name: "HOME" }), {
      value: null,
      names: ["MESH_SUITE_ALLOWED"],
    });
    await using one = await open({ ignoreEnv: ["HOME"] });
    assert.equal(await valueOf(one, "reads_env", { name: "HOME" }), null);
    await assert.rejects(valueOf(one, "reads_env", { name: "PATH" }), {
      code: "permission_denied",
    });
    await assert.rejects(valueOf(one, "reads_process_env", { name: "PATH" }), {
      code: "permission_denied",
    });
    Deno.env.delete("MESH_SUITE_ALLOWED");
  });

  test(`${kind}: a blocked thread does not block its host`, async () => {
    await using agent = await open();
    const blocked = valueOf(agent, "blocks", { ms: 500 });
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    assert.equal(await blocked, "unblocked");
    clearInterval(timer);
    assert.ok(ticks > 10, `the host's timer ran ${ticks} times during 500 ms`);
  });

  test(`${kind}: code that blocks for ever is brought back once a call of it was given up`, async () => {
    const logged: string[] = [];
    await using agent = await host({
      url: suite,
      permissions: {},
      log: (_level, message) => logged.push(message),
      patienceMs: 300,
    });
    const given = AbortSignal.timeout(20);
    const other = assert.rejects(valueOf(agent, "waits"), { code: "host_crashed" });
    const blocked = agent.invoke("blocks", { ms: 1e9 }, { ...bareEnvironment(), signal: given });
    await assert.rejects(blocked, {
      code: "host_crashed",
      message: /busy for 0\.3 s since a call/,
    });
    await other;
    assert.equal(await valueOf(agent, "echo", { value: "alive" }), "alive");
    assert.deepEqual(logged.at(-1), "agent code restarted");
  });

  test(`${kind}: code that is busy for a while is let be, also when calls are given up`, async () => {
    const logged: string[] = [];
    await using agent = await host({
      url: suite,
      permissions: {},
      log: (_level, message) => logged.push(message),
      patienceMs: 20_000,
    });
    const given = AbortSignal.timeout(20);
    const blocked = agent.invoke("blocks", { ms: 500 }, { ...bareEnvironment(), signal: given });
    assert.deepEqual(await blocked, { kind: "value", json: '"unblocked"' });
    assert.equal(await valueOf(agent, "echo", { value: "same" }), "same");
    assert.deepEqual(logged, []);
  });

  test(`${kind}: a thread that blocks for ever can be closed`, async () => {
    const agent = await open();
    const blocked = assert.rejects(valueOf(agent, "blocks", { ms: 1e9 }), { code: "interrupted" });
    await agent[Symbol.asyncDispose]();
    await blocked;
  });

  test(`${kind}: code that crashes again and again is started again later each time, until it answers`, async () => {
    const again = Promise.withResolvers<void>();
    let restarts = 0;
    await using agent = await open({}, (message) => {
      if (message === "agent code restarted" && ++restarts === 2) again.resolve();
    });
    const crash = () => assert.rejects(valueOf(agent, "crashes"), { code: "host_crashed" });
    // The first time it is started again at once, and a call waits for it.
    await crash();
    await crash();
    // From then on it is waited for a little longer each time.
    assert.equal(await valueOf(agent, "echo", { value: "alive" }), "alive");
    await again.promise;
    await crash();
    assert.equal(await valueOf(agent, "echo", { value: "at once" }), "at once");
  });

  for (
    const [tool, reason] of [
      ["crashes", "nobody catches this"],
      ["exits", kind === "worker" ? "Deno.exit(7)" : "its process exited with code 7"],
    ]
  ) {
    test(`${kind}: ${tool} fails the calls in flight typed, and the code comes back`, async () => {
      const restarted = Promise.withResolvers<void>();
      await using agent = await open(
        {},
        (message) => message === "agent code restarted" && restarted.resolve(),
      );
      const bystander = assert.rejects(valueOf(agent, "waits"), { code: "host_crashed" });
      await assert.rejects(
        valueOf(agent, String(tool)),
        (error: { code: string; message: string }) => {
          assert.equal(error.code, "host_crashed");
          assert.ok(error.message.includes(String(reason)), error.message);
          return true;
        },
      );
      await bystander;
      assert.equal(await valueOf(agent, "echo", { value: "back" }), "back", "a call waits for it");
      await restarted.promise;
    });
  }

  for (const [name, source, expected] of broken) {
    test(`${kind}: hostSandboxed() says where and why for ${name}`, async () => {
      const folder = await Deno.makeTempDir();
      const file = `${folder}/broken.ts`;
      await Deno.writeTextFile(file, source);
      try {
        await assert.rejects(
          host({ url: `file://${file}`, permissions: {}, log: () => {} }),
          (error: { code: string; message: string }) => {
            assert.equal(error.code, "bad_definition");
            assert.match(error.message, expected);
            assert.doesNotMatch(error.message, /\n/, "one sentence");
            return true;
          },
        );
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    });
  }
}

/** Batches that no honest code sends; the messages in a batch are in suites/forged_messages_test.ts. */
const batches: Record<string, unknown> = {
  nothing: undefined,
  null: null,
  "a text": "batch",
  "an object": { length: 1, 0: { type: "pong" } },
  "a map": new Map([[0, { type: "pong" }]]),
  "a list that says it is long": Array(2 ** 32 - 1),
  "a list whose accessor throws": [{
    get type() {
      throw new Error("no");
    },
  }],
  "a list that cannot be walked": Object.assign([], {
    [Symbol.iterator]: () => {
      throw new Error("no");
    },
  }),
};
Deno.test("sandbox: a batch that is none ends the code, which comes back", async (t) => {
  const logged: string[] = [];
  await using agent = await hostSandboxed({
    url: suite,
    permissions: {},
    log: (_level, message) => logged.push(message),
  });
  // The door for messages is not for those who call the host.
  const door = agent as unknown as { receive(batch: unknown): void };
  for (const [what, batch] of Object.entries(batches)) {
    await t.step(what, async () => {
      const bystander = assert.rejects(valueOf(agent, "waits"), { code: "host_crashed" });
      door.receive(batch);
      await bystander;
      assert.match(logged.at(-1) ?? "", /^the code of agent "suite" crashed: (sent a message|no)/);
      assert.equal(await valueOf(agent, "echo", { value: "alive" }), "alive");
    });
  }
});
