/** One suite over both ways to listen: with a limit on connections, and without. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { isMeshError } from "../base/errors.ts";
import { listen } from "./listen.ts";
import type { Handler, Listener } from "../base/listen.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

/** Deno lets only a process with every permission read /proc. */
function procIsReadable(): boolean {
  try {
    return Deno.readTextFileSync("/proc/net/tcp") !== "";
  } catch {
    return false;
  }
}

/** A listener that is closed in the end, and what it had to say. */
interface Opened extends AsyncDisposable {
  readonly listener: Listener;
  readonly url: string;
  readonly troubles: string[];
}

const encode = (text: string) => new TextEncoder().encode(text);
const ok: Handler = () => Promise.resolve(new Response("ok"));

/** What a listener answers to these bytes, until it closes the connection or `enough` is there. */
async function answerTo(
  { listener: { port } }: Opened,
  parts: readonly string[],
  enough: string | RegExp = "\r\n\r\n",
): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  for (const part of parts) {
    await connection.write(encode(part));
    // In packets of their own.
    if (parts.length > 1) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  let text = "";
  const buffer = new Uint8Array(64 * 1024);
  while (text.search(enough) === -1) {
    const count = await connection.read(buffer).catch(() => null);
    if (count === null) break;
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return text;
}

const line = (answer: string) => answer.split("\r\n", 1)[0] ?? "";

const modes: [name: string, maxConnections: number | undefined][] = [
  ["without a limit on connections", undefined],
  ["with a limit on connections", 100],
];
for (const [mode, maxConnections] of modes) {
  const open = (handler: Handler): Opened => {
    const troubles: string[] = [];
    const listener = listen({
      hostname: "127.0.0.1",
      port: 0,
      maxConnections,
      handler,
      onTrouble: (message) => troubles.push(message),
    });
    return {
      listener,
      url: `http://127.0.0.1:${listener.port}`,
      troubles,
      [Symbol.asyncDispose]: () => listener.close(5_000),
    };
  };
  const test = (name: string, run: () => Promise<void>) => Deno.test(`${name}, ${mode}`, run);

  test("listen() on a taken port names the port, and its holder where it can be known", () => {
    using taken = Deno.listen({ port: 0, hostname: "127.0.0.1" });
    const { port } = taken.addr;
    const options = { hostname: "127.0.0.1", port, maxConnections, handler: ok };
    assert.throws(() => listen(options), (error) => {
      assert.ok(isMeshError(error, "port_taken"));
      const holder = procIsReadable() ? ` by process ${Deno.pid} \\(.*\\)` : "";
      assert.match(
        error.message,
        new RegExp(`^port ${port} on 127\\.0\\.0\\.1 is taken${holder}; stop its holder, or`),
      );
      return true;
    });
    return Promise.resolve();
  });

  test("close() waits for answers under way, as long as it is to", async () => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<Response>();
    await using opened = open(() => {
      asked.resolve();
      return answer.promise;
    });
    const response = fetch(opened.url);
    await asked.promise;
    await opened.listener.close(1);
    const closed = opened.listener.close(60_000);
    answer.resolve(new Response("answered"));
    assert.equal(await (await response).text(), "answered");
    await closed;
    await assert.rejects(fetch(opened.url), TypeError);
  });

  test("requests arrive as they were sent", async () => {
    await using opened = open(async (request, remote) =>
      Response.json([
        request.method,
        request.url,
        request.headers.get("x-more"),
        await request.text(),
        remote,
      ])
    );
    const body = "ü".repeat(100_000);
    for (const sent of [body, ReadableStream.from([encode(body)]), ""]) {
      const response = await fetch(`${opened.url}/a/b%20c?d=%2F`, {
        method: "PUT",
        headers: [["x-more", "1"], ["x-more", "2"]],
        body: sent,
      });
      assert.deepEqual(await response.json(), [
        "PUT",
        `${opened.url}/a/b%20c?d=%2F`,
        "1, 2",
        sent === "" ? "" : body,
        "127.0.0.1",
      ]);
    }
    const get = await fetch(opened.url);
    assert.deepEqual((await get.json()).slice(0, 4), ["GET", `${opened.url}/`, null, ""]);
  });

  test("answers arrive as they were made", async () => {
    await using opened = open((request) => {
      const { pathname } = new URL(request.url);
      const headers = new Headers([["x-one", "1"], ["set-cookie", "a=1"], ["set-cookie", "b=2"]]);
      return Promise.resolve(
        pathname === "/nothing"
          ? new Response(null, { status: 204 })
          : new Response(pathname === "/empty" ? "" : "text", { status: 201, headers }),
      );
    });
    const response = await fetch(opened.url);
    assert.deepEqual([response.status, await response.text()], [201, "text"]);
    assert.equal(response.headers.get("x-one"), "1");
    assert.equal(response.headers.get("content-length"), "4");
    assert.deepEqual(response.headers.getSetCookie(), ["a=1", "b=2"]);
    const nothing = await fetch(`${opened.url}/nothing`);
    assert.deepEqual([nothing.status, await nothing.text()], [204, ""]);
    assert.equal(await (await fetch(`${opened.url}/empty`)).text(), "");
    const head = await fetch(opened.url, { method: "HEAD" });
    assert.deepEqual([head.status, await head.text()], [201, ""]);
  });

  test("a connection serves one request after the other", async () => {
    await using opened = open(ok);
    const request = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
    const both = await answerTo(opened, [request + request], /ok[^]*ok/);
    assert.equal(both.match(/HTTP\/1\.1 200 OK/g)?.length, 2);
  });

  test("an answer that comes piece by piece is sent so", async () => {
    const pieces: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>[] = [];
    await using opened = open(() =>
      Promise.resolve(new Response(new ReadableStream({ start: (each) => void pieces.push(each) })))
    );
    const asked = fetch(opened.url);
    while (pieces.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    pieces[0]?.enqueue(encode("one"));
    const reader = (await asked).body?.pipeThrough(new TextDecoderStream()).getReader();
    assert.equal((await reader?.read())?.value, "one");
    pieces[0]?.enqueue(encode("two"));
    assert.equal((await reader?.read())?.value, "two");
    pieces[0]?.close();
    assert.equal((await reader?.read())?.done, true);
  });

  test("a client that leaves before the answer is noticed", async () => {
    const left = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    await using opened = open(async ({ signal }) => {
      asked.resolve();
      await once(signal, "abort");
      left.resolve();
      return new Response("for nobody");
    });
    const abort = new AbortController();
    const gone = assert.rejects(fetch(opened.url, { signal: abort.signal }));
    await asked.promise;
    abort.abort();
    await gone;
    await left.promise;
  });

  test("a client that leaves in the middle of an answer ends it", async () => {
    const left = Promise.withResolvers<void>();
    await using opened = open(() => {
      const body = new ReadableStream({
        pull: (each) => each.enqueue(encode("x".repeat(64 * 1024))),
        cancel: () => left.resolve(),
      });
      return Promise.resolve(new Response(body));
    });
    const response = await fetch(opened.url);
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await left.promise;
  });

  test("an answer that is read slowly is made slowly", async () => {
    let made = 0;
    await using opened = open(() =>
      Promise.resolve(
        new Response(
          new ReadableStream({
            pull(each) {
              made += 1;
              each.enqueue(new Uint8Array(1024 * 1024));
            },
          }, { highWaterMark: 0 }),
        ),
      )
    );
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: opened.listener.port });
    await connection.write(encode("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"));
    await connection.read(new Uint8Array(10));
    let before = -1;
    // What the sockets hold is made; then nothing more is.
    while (made !== before) {
      before = made;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    assert.ok(made < 40, `${made} MiB`);
  });

  test("a body that is read slowly is taken slowly", async () => {
    const go = Promise.withResolvers<void>();
    await using opened = open(async (request) => {
      await go.promise;
      let length = 0;
      for await (const bytes of request.body ?? []) length += bytes.length;
      return new Response(String(length));
    });
    let sent = 0;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(each) {
        if (sent === 60) return each.close();
        sent += 1;
        each.enqueue(new Uint8Array(1024 * 1024));
      },
    }, { highWaterMark: 0 });
    const response = fetch(opened.url, { method: "POST", body });
    let before = -1;
    while (sent !== before) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    assert.ok(sent < 40, `${sent} MiB`);
    go.resolve();
    assert.equal(await (await response).text(), String(60 * 1024 * 1024));
  });

  test("an answer may come before the body has", async () => {
    await using opened = open(() => Promise.resolve(new Response("no", { status: 413 })));
    const answer = await answerTo(opened, [
      "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\nabc",
    ], "no");
    assert.match(answer, /^HTTP\/1\.1 413 [^]*no/);
  });

  test("a client that gets its answer before it has sent all may go on", async () => {
    await using opened = open(() => Promise.resolve(new Response("no", { status: 413 })));
    for (const body of [new Uint8Array(8e6), new Blob([new Uint8Array(8e6)]).stream()]) {
      const response = await fetch(opened.url, { method: "POST", body }).catch(() => undefined);
      // The connection may break while the rest is still sent.
      if (response !== undefined) assert.equal(response.status, 413);
      await response?.body?.cancel();
    }
  });

  test("a handler that fails is 500, and said", async () => {
    await using opened = open(() => Promise.reject(new Error("oh no")));
    const response = await fetch(opened.url);
    assert.equal(response.status, 500);
    await response.body?.cancel();
    assert.deepEqual(opened.troubles, ["an answer broke off: oh no"]);
  });

  test("an answer that fails in the middle does not look whole", async () => {
    await using opened = open(() => {
      let isFirst = true;
      const body = new ReadableStream({
        async pull(each) {
          if (isFirst) each.enqueue(encode("half"));
          else {
            await new Promise((resolve) => setTimeout(resolve, 20));
            each.error(new Error("the other half is lost"));
          }
          isFirst = false;
        },
      }, { highWaterMark: 0 });
      return Promise.resolve(new Response(body));
    });
    await assert.rejects(async () => await (await fetch(opened.url)).text());
  });

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
    ["two lengths", "content-length: 1\r\ncontent-length: 2\r\n", "HTTP/1.1 400 Bad Request"],
    ["a length that is none", "content-length: x\r\n", "HTTP/1.1 400 Bad Request"],
  ];
  for (const [name, headers, expected] of heads) {
    test(`a listener answers ${name} with ${expected}`, async () => {
      await using opened = open(ok);
      const request = `GET / HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n`;
      assert.equal(line(await answerTo(opened, [request])), expected);
    });
  }

  const chunks: [name: string, chunk: string][] = [
    ["no length", "zz\r\nab"],
    ["a negative length", "-5\r\nab"],
    ["a length too great to be one", "fffffffffffffffffff\r\nab"],
    ["more than its length", "2\r\nabc\r\n0\r\n\r\n"],
    // One that is long may be passed over; here it leads to a chunk that is wrong.
    ["an extension of 500 KB", `5;${"a".repeat(500_000)}\r\nabc\r\nzz\r\n0\r\n\r\n`],
  ];
  for (const [name, chunk] of chunks) {
    test(`a chunk with ${name} breaks its own request off`, async () => {
      await using opened = open(async (request) => {
        try {
          return new Response(await request.text());
        } catch {
          return new Response(null, { status: 400 });
        }
      });
      const head = "POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n";
      // Deno.serve just closes the connection of a request that is broken when it comes.
      assert.match(line(await answerTo(opened, [head + chunk])), /^(HTTP\/1\.1 400 Bad Request)?$/);
      assert.equal(line(await answerTo(opened, [head, chunk])), "HTTP/1.1 400 Bad Request");
      assert.equal(await (await fetch(opened.url)).text(), "");
      assert.deepEqual(opened.troubles, []);
    });
  }

  const odd: [name: string, request: string][] = [
    ["TRACE", "TRACE / HTTP/1.1\r\nhost: localhost\r\n\r\n"],
    ["CONNECT", "CONNECT localhost:1 HTTP/1.1\r\nhost: localhost\r\n\r\n"],
    ["a path that is none", "GET http:// HTTP/1.1\r\nhost: localhost\r\n\r\n"],
    ["a host that is none", "GET / HTTP/1.1\r\nhost: a b\r\n\r\n"],
    ["no host", "GET / HTTP/1.1\r\n\r\n"],
    ["a method that is none", "G\x01T / HTTP/1.1\r\nhost: localhost\r\n\r\n"],
    ["another protocol", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 no HTTP\r\n\r\n"],
    ["HTTP/0.9", "GET /\r\n\r\n"],
  ];
  for (const [name, request] of odd) {
    test(`a listener survives ${name}`, async () => {
      await using opened = open(ok);
      const answer = line(await answerTo(opened, [request]));
      assert.match(answer, /^(HTTP\/1\.[01] (2|4)\d\d .*)?$/);
      assert.equal(await (await fetch(opened.url)).text(), "ok");
      assert.deepEqual(opened.troubles, []);
    });
  }

  processTest(
    `a process that ran out of file descriptors is heard again, and says so once, ${mode}`,
    async () => {
      const url = new URL("./listen.ts", import.meta.url).href;
      const program = `
      import { listen } from ${JSON.stringify(url)};
      const listener = listen({
        hostname: "127.0.0.1",
        port: 0,
        ${maxConnections === undefined ? "" : "maxConnections: 1_000,"}
        handler: () => Promise.resolve(new Response("ok")),
        onTrouble: console.log,
      });
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
        // More than it has room for; some only wait.
        while (connections.length < 100) {
          try {
            connections.push(await Deno.connect({ hostname: "127.0.0.1", port }));
          } catch {
            break;
          }
        }
        assert.match(
          (await lost).value ?? "",
          /(no longer listening on port \d+|no connection can be accepted): .*open files/,
        );
        const again = lines.read();
        for (const connection of connections.splice(0)) connection.close();
        assert.match(
          (await again).value ?? "",
          /^(listening on port \d+|connections are accepted) again\n$/,
        );
        const response = await fetch(`http://127.0.0.1:${port}/`);
        assert.equal(await response.text(), "ok");
      } finally {
        for (const connection of connections) connection.close();
        child.kill("SIGKILL");
        await lines.cancel();
        await child.status;
      }
    },
  );
}
