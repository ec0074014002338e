import assert from "node:assert/strict";
import type { JSONRPCMessage } from "@modelcontextprotocol/client";
import { ChildTransport } from "./child_transport.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

/** A process that runs a script of this Deno, and what came of it. */
function run(script: string, env: Record<string, string> = {}) {
  const lines: string[] = [];
  const messages: JSONRPCMessage[] = [];
  const errors: string[] = [];
  const closed = Promise.withResolvers<void>();
  const transport = new ChildTransport({
    target: {
      text: 'the command "x"',
      command: Deno.execPath(),
      args: ["eval", script],
      env: {},
      cwd: undefined,
    },
    env,
    onLine: (line) => lines.push(line),
    readable: (text) => text,
  });
  transport.onmessage = (message) => messages.push(message);
  transport.onerror = ({ message }) => errors.push(message);
  transport.onclose = () => closed.resolve();
  return { transport, lines, messages, errors, closed: closed.promise };
}

/** Answers each request with its method, until its input ends. */
const ECHO = `
  for await (const line of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    for (const text of line.split("\\n").filter(Boolean)) {
      const { id, method } = JSON.parse(text);
      console.log(JSON.stringify({ jsonrpc: "2.0", id, result: { method } }));
    }
  }
`;

processTest("ChildTransport carries messages, and its process ends with its input", async () => {
  const { transport, messages, closed } = run(ECHO);
  await transport.start();
  const answered = new Promise((resolve) => {
    transport.onmessage = (message) => {
      messages.push(message);
      if (messages.length === 2) resolve(undefined);
    };
  });
  await transport.send({ jsonrpc: "2.0", id: 1, method: "a" });
  await transport.send({ jsonrpc: "2.0", id: 2, method: "b" });
  await answered;
  await transport.close();
  await closed;
  assert.deepEqual(messages, [
    { jsonrpc: "2.0", id: 1, result: { method: "a" } },
    { jsonrpc: "2.0", id: 2, result: { method: "b" } },
  ]);
  assert.match(transport.ending ?? "", /ended with code 0$/);
});

processTest("ChildTransport tells how its process ended and what it said last", async () => {
  const { transport, lines, closed } = run(
    'console.error("one\\n\\ntwo  "); Deno.stderr.writeSync(new TextEncoder().encode("no luck")); Deno.exit(3);',
  );
  await transport.start();
  await closed;
  assert.deepEqual(lines, ["one", "two", "no luck"]);
  assert.match(transport.ending ?? "", /^the command ".*" ended with code 3: no luck$/);
  await assert.rejects(transport.send({ jsonrpc: "2.0", id: 1, method: "a" }), {
    code: "unreachable",
    message: /ended with code 3: no luck/,
  });
});

processTest("ChildTransport of npm tells what npm says first", async () => {
  const { transport, lines, closed } = run(
    'for (const text of ["code E404", "404 Not Found", "404", "A complete log"]) console.error(`npm error \\x1b[31m${text}\\x1b[0m`); Deno.exit(1);',
  );
  await transport.start();
  await closed;
  assert.match(transport.ending ?? "", /ended with code 1: npm error 404 Not Found$/);
  assert.equal(lines[0], "npm error code E404");
});

processTest("ChildTransport passes over what is no message", async () => {
  const { transport, messages, errors, closed } = run(
    'console.log("Listening!"); console.log("{}"); console.log(\'{"jsonrpc":"2.0","method":"m"}\');',
  );
  await transport.start();
  await closed;
  assert.deepEqual(messages, [{ jsonrpc: "2.0", method: "m" }]);
  assert.equal(errors.length, 1);
});

processTest("ChildTransport kills what does not end", async () => {
  const { transport, lines } = run(`
    for (const signal of ["SIGTERM", "SIGINT"]) Deno.addSignalListener(signal, () => {});
    setInterval(() => {}, 1000);
    console.error("up");
  `);
  const up = Promise.withResolvers<void>();
  lines.push = () => {
    up.resolve();
    return 1;
  };
  await transport.start();
  await up.promise;
  await transport.close();
  assert.match(transport.ending ?? "", /was ended by SIGKILL/);
});

processTest("ChildTransport gives its process no variable that is not meant for it", async () => {
  Deno.env.set("MESH_TEST_SECRET", "hidden");
  try {
    const { transport, lines, closed } = run(
      'console.error(JSON.stringify([Deno.env.get("MESH_TEST_SECRET") ?? null, Deno.env.get("GIVEN")]))',
      { GIVEN: "yes" },
    );
    await transport.start();
    await closed;
    assert.deepEqual(lines, ['[null,"yes"]']);
  } finally {
    Deno.env.delete("MESH_TEST_SECRET");
  }
});

Deno.test("ChildTransport of a command that does not exist is unreachable, and says so", async () => {
  const target = { text: "x", command: "no-such-command", args: ["x"], env: {}, cwd: undefined };
  const transport = new ChildTransport({
    target,
    env: {},
    onLine: () => {},
    readable: (text) => text,
  });
  await assert.rejects(transport.start(), {
    code: "unreachable",
    message: 'the command "no-such-command" is not found; install it, or correct the command',
  });
});
