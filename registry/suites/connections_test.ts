import { deepEqual, equal, match, ok } from "node:assert/strict";
import { provider } from "./mesh_fixture.ts";
import { type RegistryProcess, spawned, temporaryDatabase } from "./process_fixture.ts";
import { serveRegistry } from "../app/server.ts";
import { MAY_START_PROCESSES, processTest } from "../../.ci/fixtures/process_tests.ts";

const encoder = new TextEncoder();

/** A connection to a registry, over which anything can be said. */
async function connected(url: string): Promise<Deno.TcpConn> {
  const { hostname, port } = new URL(url);
  return await Deno.connect({ hostname, port: Number(port) });
}

/** Longest wait for what is answered, in milliseconds: beyond the 10 s that a head may take. */
const ANSWER_MS = 20_000;

/** Reads until the connection ends, or until `last` is there; what does not come ends the connection. */
async function answer(connection: Deno.TcpConn, last?: string): Promise<string> {
  const timer = setTimeout(() => connection.close(), ANSWER_MS);
  try {
    return await read(connection, last);
  } finally {
    clearTimeout(timer);
  }
}

async function read(connection: Deno.TcpConn, last: string | undefined): Promise<string> {
  const buffer = new Uint8Array(4096);
  let answered = "";
  while (last === undefined || !answered.includes(last)) {
    // A connection that is closed before all was read is reset.
    const size = await connection.read(buffer).catch(() => null);
    if (size === null) break;
    answered += new TextDecoder().decode(buffer.subarray(0, size));
  }
  return answered;
}

/** What is answered to something. */
async function answerTo(url: string, text: string, last: string): Promise<string> {
  using connection = await connected(url);
  await connection.write(encoder.encode(text));
  return await answer(connection, last);
}

const POSTS = ["/heartbeat", "/trace/spans", "/proxy/p:9000/mcp", "/mcp"];
const SLOW: [name: string, head: string, body: string][] = [
  ["of known length", "Content-Length: 100", '{"agent_id":"a"'],
  ["of known length, large", "Content-Length: 100000", '{"agent_id":"a"'],
  ["in chunks", "Transfer-Encoding: chunked", '5\r\n{"age\r\n'],
];
const LIMITS = [undefined, "1000"];
for (const connections of LIMITS) {
  const served = (env: Record<string, string> = {}) =>
    serveRegistry({
      host: "127.0.0.1",
      port: 0,
      kv: ":memory:",
      env: { ...env, ...(connections !== undefined && { MCP_MESH_MAX_CONNECTIONS: connections }) },
      arrivalMs: 100,
    });
  const how = connections === undefined ? "" : " with a limit on connections";

  Deno.test(`a body that does not come is 408 on every route that reads one${how}`, async () => {
    await using registry = await served();
    const agent = JSON.stringify(provider("p", "c", { http_host: "127.0.0.1" }));
    await (await fetch(`${registry.url}/heartbeat`, { method: "POST", body: agent })).body
      ?.cancel();
    const asked = POSTS.flatMap((path) =>
      SLOW.map(([name, head, body]) => ({ path, name, head, body }))
    );
    await Promise.all(asked.map(async ({ path, name, head, body }) => {
      const lines = [
        `POST ${path} HTTP/1.1`,
        "Host: localhost",
        "Content-Type: application/json",
        "Accept: application/json, text/event-stream",
        head,
        "",
        body,
      ];
      const text = await answerTo(registry.url, lines.join("\r\n"), '"timestamp"');
      match(text, /^HTTP\/1\.1 408 /, `${path}, a body ${name}`);
      match(text, /did not arrive within 0\.1 s/);
    }));
  });

  Deno.test(`a body that nobody reads keeps no answer${how}`, async () => {
    await using registry = await served();
    for (
      const [method, path, status] of [["GET", "/agents", 200], ["DELETE", "/agents/x", 204], [
        "PUT",
        "/agents",
        405,
      ]]
    ) {
      const connection = await connected(registry.url);
      await connection.write(
        encoder.encode(
          `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{`,
        ),
      );
      const buffer = new Uint8Array(100);
      await connection.read(buffer);
      match(new TextDecoder().decode(buffer), new RegExp(`^HTTP/1\\.1 ${status} `));
      connection.close();
    }
  });
}

const broken: [name: string, body: string | Uint8Array][] = [
  ["a size that is none", "zz\r\n{}\r\n0\r\n\r\n"],
  ["an extension of 500 KB", `2;x=${"y".repeat(500_000)}\r\n{}\r\n0\r\n\r\n`],
  ["a size beyond all sizes", "fffffffffffffffff\r\n{}"],
  ["no line break after a chunk", "2\r\n{}zz\r\n"],
  ["a negative size", "-2\r\n{}\r\n0\r\n\r\n"],
];
processTest("a broken chunked body is 400 and leaves no stack in the log", async () => {
  await using database = await temporaryDatabase();
  const registry = await spawned(database.path);
  for (const path of POSTS.slice(0, 2)) {
    for (const [name, body] of broken) {
      const connection = await connected(registry.url);
      await connection.write(encoder.encode([
        `POST ${path} HTTP/1.1`,
        "Host: localhost",
        "Transfer-Encoding: chunked",
        // Deno closes a connection without a word if it sees what is broken before the body is read.
        "Expect: 100-continue",
        "\r\n",
      ].join("\r\n")));
      match(await answer(connection, "\r\n\r\n"), /^HTTP\/1\.1 100 /);
      // The registry may answer, and close, before it has read everything.
      const written = connection.write(typeof body === "string" ? encoder.encode(body) : body)
        .catch(() => {});
      const text = await answer(connection, '"timestamp"');
      await written;
      connection.close();
      match(text, /^HTTP\/1\.1 400 /, `${path}: ${name}`);
    }
  }
  await (await fetch(`${registry.url}/health`)).body?.cancel();
  registry.kill("SIGTERM");
  const { code, errors } = await registry.ended();
  deepEqual([code, errors], [0, ""]);
});

/** Opens connections that say nothing until no more can be opened, or so many are. */
async function idle(url: string, most: number): Promise<Deno.TcpConn[]> {
  const connections: Deno.TcpConn[] = [];
  while (connections.length < most) {
    try {
      connections.push(await connected(url));
    } catch {
      return connections;
    }
  }
  return connections;
}

/** Whether the registry answers within some time. */
async function answers(registry: RegistryProcess, ms: number): Promise<boolean> {
  const until = performance.now() + ms;
  while (performance.now() < until) {
    try {
      const response = await fetch(`${registry.url}/health`, {
        headers: { connection: "close" },
        signal: AbortSignal.timeout(1_000),
      });
      await response.body?.cancel();
      if (response.status === 200) return true;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return false;
}

for (const files of [64, 1024]) {
  for (const connections of LIMITS) {
    const how = connections === undefined ? "" : ", with a limit on connections that is higher";
    Deno.test({
      name: `a registry that runs out of ${files} file descriptors is heard again afterwards${how}`,
      ignore: !MAY_START_PROCESSES || Deno.build.os === "windows",
      async fn() {
        await using database = await temporaryDatabase();
        const env: Record<string, string> = connections === undefined
          ? {}
          : { MCP_MESH_MAX_CONNECTIONS: "100000" };
        const registry = await spawned(database.path, [], env, undefined, `ulimit -n ${files}`);
        ok(await answers(registry, 5_000), "it answers at first");
        const open = await idle(registry.url, files + 100);
        ok(open.length >= files / 2, `${open.length} connections`);
        // Until it has come to the end of what it can accept.
        while (await answers(registry, 1));
        for (const connection of open) connection.close();
        ok(await answers(registry, 10_000), "it answers again");
        const body = JSON.stringify(provider("p", "c"));
        const registered = await fetch(`${registry.url}/heartbeat`, { method: "POST", body });
        equal((await registered.json()).status, "success");
        registry.kill("SIGTERM");
        const { code, errors } = await registry.ended();
        equal(code, 0, errors);
        match(errors, /no longer listening|no connection can be accepted/);
        ok(errors.trim().split("\n").length < 12, errors);
      },
    });
  }
}

Deno.test("with a limit on connections, those that say nothing make room, and slow heads end", async () => {
  const env = { MCP_MESH_MAX_CONNECTIONS: "20" };
  await using registry = await serveRegistry({ host: "127.0.0.1", port: 0, kv: ":memory:", env });
  const silent = await idle(registry.url, 60);
  equal(silent.length, 60);
  const meanwhile = await fetch(`${registry.url}/health`);
  equal((await meanwhile.json()).status, "healthy", "others are answered meanwhile");
  const slow = await connected(registry.url);
  await slow.write(encoder.encode("POST /heartbeat HTTP/1.1\r\nHost: local"));
  const begun = performance.now();
  match(await answer(slow), /^(HTTP\/1\.1 408 |$)/);
  slow.close();
  ok(performance.now() - begun < 20_000, "a head has ten seconds");
  for (const connection of silent) connection.close();
});
