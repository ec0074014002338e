import assert from "node:assert/strict";
import { BoundedServer, type BoundedServerOptions, type ServerTimes } from "./bounded_server.ts";

const LONG: ServerTimes = { headMs: 60_000, requestMs: 60_000, idleMs: 60_000, lookMs: 60_000 };
const HEAD = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

/** A server that is closed in the end. */
function serving(
  options: Partial<BoundedServerOptions> & { readonly times?: ServerTimes },
): AsyncDisposable & { readonly port: number } {
  const server = new BoundedServer({
    hostname: "127.0.0.1",
    port: 0,
    handler: () => Promise.resolve(new Response("ok")),
    maxConnections: 10,
    onTrouble: (message) => assert.fail(message),
    times: LONG,
    ...options,
  });
  return { port: server.port, [Symbol.asyncDispose]: () => server.close(5_000) };
}

/** One end of a connection. */
class Client implements Disposable {
  readonly #connection: Deno.TcpConn;

  constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  static async of({ port }: { readonly port: number }, text = ""): Promise<Client> {
    const client = new Client(await Deno.connect({ hostname: "127.0.0.1", port }));
    if (text !== "") await client.write(text);
    return client;
  }

  async write(text: string): Promise<void> {
    await this.#connection.write(new TextEncoder().encode(text));
  }

  /** What comes next; nothing once the connection is closed. */
  async read(): Promise<string> {
    const buffer = new Uint8Array(4096);
    const count = await this.#connection.read(buffer).catch(() => null);
    return new TextDecoder().decode(buffer.subarray(0, count ?? 0));
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

Deno.test("BoundedServer closes the connection that has waited the longest for one more", async () => {
  await using server = serving({ maxConnections: 2 });
  using first = await Client.of(server, HEAD);
  await first.read();
  using second = await Client.of(server, HEAD);
  await second.read();
  // Its wait begins again.
  await first.write(HEAD);
  assert.match(await first.read(), /ok$/);
  using third = await Client.of(server, HEAD);
  assert.match(await third.read(), /ok$/);
  assert.equal(await second.read(), "");
  await first.write(HEAD);
  assert.match(await first.read(), /ok$/);
});

Deno.test("BoundedServer closes none that is being answered, and refuses one more", async () => {
  const answers: ((response: Response) => void)[] = [];
  const asked = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using server = serving({
    maxConnections: 2,
    handler: () => {
      asked[answers.length]?.resolve();
      return new Promise((resolve) => answers.push(resolve));
    },
  });
  using first = await Client.of(server, HEAD);
  await asked[0]?.promise;
  using second = await Client.of(server, HEAD);
  await asked[1]?.promise;
  using refused = await Client.of(server, HEAD);
  assert.equal(await refused.read(), "");
  for (const answer of answers) answer(new Response("ok"));
  assert.match(await first.read(), /ok$/);
  assert.match(await second.read(), /ok$/);
});

Deno.test("BoundedServer has room again once connections are gone", async () => {
  await using server = serving({ maxConnections: 2 });
  for (let round = 0; round < 5; round++) {
    using first = await Client.of(server, HEAD);
    using second = await Client.of(server, HEAD);
    assert.match(await first.read(), /ok$/);
    assert.match(await second.read(), /ok$/);
  }
});

const slow: [name: string, times: Partial<ServerTimes>, sent: string, answer: RegExp][] = [
  ["nothing is asked", { headMs: 50 }, "", /^HTTP\/1\.1 408 /],
  ["a head does not come to its end", { headMs: 50 }, "GET / HTTP/1.1\r\nho", /^HTTP\/1\.1 408 /],
  [
    "a body does not come to its end",
    { headMs: 50, requestMs: 100 },
    "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\nab",
    /^HTTP\/1\.1 408 /,
  ],
];
for (const [name, times, sent, answer] of slow) {
  Deno.test(`BoundedServer ends a connection on which ${name}`, async () => {
    await using server = serving({
      handler: async (request) => new Response(await request.text()),
      times: { ...LONG, lookMs: 20, ...times },
      onTrouble: () => {},
    });
    using client = await Client.of(server, sent);
    assert.match(await client.read(), answer);
    assert.equal(await client.read(), "");
  });
}

Deno.test("BoundedServer ends a connection on which nothing more is asked", async () => {
  await using server = serving({ times: { ...LONG, idleMs: 20 } });
  using client = await Client.of(server, HEAD);
  assert.match(await client.read(), /ok$/);
  assert.equal(await client.read(), "");
});

Deno.test("BoundedServer does not end a connection whose answer takes long", async () => {
  const times = { headMs: 20, requestMs: 40, idleMs: 20, lookMs: 10 };
  await using server = serving({
    times,
    handler: async () => {
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      return new Response("at last");
    },
  });
  using client = await Client.of(server, HEAD);
  assert.match(await client.read(), /at last$/);
});
