import assert from "node:assert/strict";
import { isMeshError } from "./errors.ts";
import { listen } from "./listen.ts";

/** Deno lets only a process with every permission read /proc. */
function procIsReadable(): boolean {
  try {
    return Deno.readTextFileSync("/proc/net/tcp") !== "";
  } catch {
    return false;
  }
}

Deno.test("listen() on a taken port names the port, and its holder where it can be known", () => {
  using taken = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = taken.addr;
  assert.throws(() => listen("127.0.0.1", port, () => Promise.resolve(new Response())), (error) => {
    assert.ok(isMeshError(error, "port_taken"));
    const holder = procIsReadable() ? ` by process ${Deno.pid} \\(.*\\)` : "";
    assert.match(
      error.message,
      new RegExp(`^port ${port} on 127\\.0\\.0\\.1 is taken${holder}; stop its holder, or`),
    );
    return true;
  });
});

Deno.test("listen() on port 0 takes a free one, and close() waits for answers under way", async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Response>();
  const listener = listen("127.0.0.1", 0, () => {
    asked.resolve();
    return answer.promise;
  });
  assert.ok(listener.port > 0);
  const response = fetch(`http://127.0.0.1:${listener.port}/`);
  await asked.promise;
  await listener.close(1);
  const closed = listener.close(60_000);
  answer.resolve(new Response("answered"));
  assert.equal(await (await response).text(), "answered");
  await closed;
});

/** The first line of what a listener answers to these bytes. */
async function answerTo(port: number, request: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(request));
  const buffer = new Uint8Array(1024);
  const count = await connection.read(buffer);
  return new TextDecoder().decode(buffer.subarray(0, count ?? 0)).split("\r\n", 1)[0] ?? "";
}

const heads: [name: string, headers: string, line: string][] = [
  [
    "128 headers",
    Array.from({ length: 127 }, (_, n) => `x-${n}: 1\r\n`).join(""),
    "HTTP/1.1 200 OK",
  ],
  [
    "129 headers",
    Array.from({ length: 128 }, (_, n) => `x-${n}: 1\r\n`).join(""),
    "HTTP/1.1 400 Bad Request",
  ],
  ["headers of 32 KiB", `x: ${"a".repeat(32 * 1024)}\r\n`, "HTTP/1.1 200 OK"],
  ["headers of 64 KiB", `x: ${"a".repeat(64 * 1024)}\r\n`, "HTTP/1.1 400 Bad Request"],
];
for (const [name, headers, line] of heads) {
  Deno.test(`a listener answers ${name} with ${line}`, async () => {
    const listener = listen("127.0.0.1", 0, () => Promise.resolve(new Response("ok")));
    assert.equal(
      await answerTo(listener.port, `GET / HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n`),
      line,
    );
    await listener.close(0);
  });
}

Deno.test("a process that ran out of file descriptors listens again", async () => {
  const url = new URL("./listen.ts", import.meta.url).href;
  const program = `
    import { listen } from ${JSON.stringify(url)};
    const listener = listen("127.0.0.1", 0, () => Promise.resolve(new Response("ok")), console.log);
    console.log(listener.port);`;
  const child = new Deno.Command("sh", {
    args: ["-c", 'ulimit -n 64; exec "$0" eval "$1"', Deno.execPath(), program],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const connections: Deno.Conn[] = [];
  try {
    const port = Number((await lines.read()).value);
    const lost = lines.read();
    // As many as it takes until it says so.
    while (await Promise.race([lost.then(() => false), Promise.resolve(true)])) {
      if (connections.length > 200) throw new Error("it takes any number of connections");
      try {
        connections.push(await Deno.connect({ hostname: "127.0.0.1", port }));
      } catch {
        break;
      }
    }
    assert.match((await lost).value ?? "", /no longer listening on port \d+: .*open files/);
    for (const connection of connections.splice(0)) connection.close();
    for (;;) {
      try {
        const response = await fetch(`http://127.0.0.1:${port}/`);
        assert.equal(await response.text(), "ok");
        return;
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  } finally {
    for (const connection of connections) connection.close();
    child.kill("SIGKILL");
    await lines.cancel();
    await child.status;
  }
});
