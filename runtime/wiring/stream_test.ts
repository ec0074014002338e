import assert from "node:assert/strict";
import { WiringStream } from "./stream.ts";

/** A stream whose connections the test answers. */
function stream() {
  const requests: string[] = [];
  const waiting: ((connection: Connection) => void)[] = [];
  const arrived: Connection[] = [];
  let woken = Promise.withResolvers<void>();
  let wirings = 0;
  const wiring = new WiringStream({
    url: "http://registry",
    agentId: "a-1",
    instanceToken: "token-1",
    fetch: (input, init) => {
      requests.push(String(input));
      assert.equal(new Headers(init?.headers).get("x-mesh-instance"), "token-1");
      const { promise, resolve, reject } = Promise.withResolvers<Response>();
      init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      const connection: Connection = { answer: resolve, signal: init?.signal ?? undefined };
      const next = waiting.shift();
      if (next) next(connection);
      else arrived.push(connection);
      return promise;
    },
    onWiring: () => {
      wirings += 1;
      woken.resolve();
      woken = Promise.withResolvers();
    },
  });
  return {
    wiring,
    requests,
    connection: () =>
      Promise.resolve(
        arrived.shift() ?? new Promise<Connection>((resolve) => waiting.push(resolve)),
      ),
    /** Resolves at the next rewiring. */
    woken: () => woken.promise,
    wirings: () => wirings,
  };
}

interface Connection {
  answer(response: Response): void;
  readonly signal: AbortSignal | undefined;
}

function events(): {
  response: Response;
  send: (text: string) => Promise<void>;
  end: () => Promise<void>;
} {
  const { readable, writable } = new TransformStream<string, string>();
  const writer = writable.getWriter();
  return {
    response: new Response(readable.pipeThrough(new TextEncoderStream()), {
      headers: { "content-type": "text/event-stream" },
    }),
    send: (text) => writer.write(text),
    end: () => writer.close(),
  };
}

Deno.test("WiringStream tells of each rewiring as it comes", async () => {
  const { wiring, requests, connection, woken, wirings } = stream();
  wiring.open();
  wiring.open();
  const { response, send, end } = events();
  (await connection()).answer(response);
  const first = woken();
  await send(": keep-alive\n\nevent: other\ndata: {}\n\nevent: wiring\ndata: {}\n\n");
  await first;
  const second = woken();
  await send("event: wiring\ndata: {}\n\n");
  await second;
  assert.equal(wirings(), 2);
  assert.deepEqual(requests, ["http://registry/heartbeat/a-1/stream"], "opened once");
  const closed = wiring.close();
  await end();
  await closed;
});

Deno.test("WiringStream connects again when the connection ends", async () => {
  const { wiring, connection, requests } = stream();
  wiring.open();
  const { response, end } = events();
  (await connection()).answer(response);
  await end();
  await connection();
  assert.equal(requests.length, 2);
  await wiring.close();
});

Deno.test("WiringStream does without where there is none, until it is opened again", async () => {
  const { wiring, connection, requests } = stream();
  wiring.open();
  (await connection()).answer(new Response(null, { status: 404 }));
  while (requests.length === 1) {
    wiring.open();
    await Promise.resolve();
  }
  await connection();
  await wiring.close();
});

Deno.test("WiringStream.close() ends a connection that is still being made", async () => {
  const { wiring, connection } = stream();
  wiring.open();
  const { signal } = await connection();
  await wiring.close();
  assert.equal(signal?.aborted, true);
});
