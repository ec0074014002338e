import assert from "node:assert/strict";
import { fetchOnce } from "./fetch_once.ts";

/** A server that answers the first request of each connection, and closes on the second. */
function breakingServer() {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const seen: string[] = [];
  const serve = async (connection: Deno.Conn) => {
    using _ = connection;
    const buffer = new Uint8Array(4096);
    for (let request = 1; request <= 2; request++) {
      const length = await connection.read(buffer);
      if (length === null) return;
      seen.push(new TextDecoder().decode(buffer.subarray(0, length)));
      if (request === 2) return;
      await connection.write(
        new TextEncoder().encode("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"),
      );
    }
  };
  const connections: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const connection of listener) connections.push(serve(connection));
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}/`,
    seen,
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting;
      await Promise.all(connections);
    },
  };
}

for (const body of ["pay 42", new TextEncoder().encode("pay 42")]) {
  Deno.test(`fetchOnce() sends ${typeof body === "string" ? "a text" : "bytes"} once over a kept connection that breaks`, async () => {
    await using server = breakingServer();
    const fetch = fetchOnce(globalThis.fetch);
    const init = { method: "POST", headers: { "content-type": "application/json" }, body };
    assert.equal(await (await fetch(server.url, init)).text(), "ok");
    await assert.rejects(fetch(server.url, init));
    assert.equal(server.seen.length, 2);
    for (const request of server.seen) {
      assert.match(request, /^POST [^]*\r\ncontent-length: 6\r\n[^]*\r\n\r\npay 42$/);
      assert.match(request, /\r\ncontent-type: application\/json\r\n/);
    }
  });
}
