import assert from "node:assert/strict";
import type { MeshError } from "../base/errors.ts";
import type { HeartbeatResponse } from "../protocol/registration.ts";
import { RegistryLink, type RegistryLinkOptions } from "./heartbeat.ts";

/** A registry whose every answer is given by the test. */
class ScriptedRegistry {
  readonly #waiting: ((exchange: Exchange) => void)[] = [];
  readonly #arrived: Exchange[] = [];

  readonly fetch: typeof fetch = (input, init) => {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
    const { pathname } = new URL(String(input));
    const body = typeof init?.body === "string" ? JSON.parse(init.body) : undefined;
    const token = new Headers(init?.headers).get("x-mesh-instance");
    const line = `${init?.method} ${pathname}`;
    const exchange = { line, token, body, answer: resolve, fail: reject };
    const next = this.#waiting.shift();
    if (next) next(exchange);
    else this.#arrived.push(exchange);
    return promise;
  };

  /** The next request, which must be `line`. */
  async next(line: string): Promise<Exchange> {
    const exchange = this.#arrived.shift() ??
      await new Promise<Exchange>((resolve) => this.#waiting.push(resolve));
    assert.equal(exchange.line, line);
    return exchange;
  }

  get idle(): boolean {
    return this.#arrived.length === 0;
  }
}

interface Exchange {
  readonly line: string;
  /** Of the instance, as its header shows it. */
  readonly token: string | null;
  readonly body: Record<string, unknown> | undefined;
  answer(response: Response): void;
  fail(error: Error): void;
}

const POST = "POST /heartbeat";
const HEAD = "HEAD /heartbeat/a-1";
const DELETE = "DELETE /agents/a-1";

function success(more: Partial<HeartbeatResponse> = {}): Response {
  return Response.json({
    status: "success",
    timestamp: "2026-01-01T00:00:00Z",
    message: "ok",
    agent_id: "a-1",
    dependencies_resolved: {},
    ...more,
  });
}

const status = (code: number) => new Response(null, { status: code });

interface Watch {
  readonly registry: ScriptedRegistry;
  readonly answers: HeartbeatResponse[];
  readonly troubles: (MeshError | undefined)[];
  synced: number;
  healthy: boolean;
  impatient: boolean;
  readonly link: RegistryLink;
}

function watch(options: Partial<RegistryLinkOptions> = {}): Watch {
  const registry = new ScriptedRegistry();
  const seen: Omit<Watch, "link"> = {
    registry,
    answers: [],
    troubles: [],
    synced: 0,
    healthy: true,
    impatient: false,
  };
  const link = new RegistryLink({
    url: "http://registry",
    agentId: "a-1",
    instanceToken: "token-1",
    fetch: registry.fetch,
    heartbeatMs: 5,
    registration: (runtime) => ({ agent_id: "a-1", runtime }),
    isHealthy: () => seen.healthy,
    isImpatient: () => seen.impatient,
    onAnswer: (answer) => seen.answers.push(answer),
    onSynced: () => seen.synced++,
    onTrouble: (trouble) => seen.troubles.push(trouble),
    ...options,
  });
  return Object.assign(seen, { link });
}

/** Stops a link that is registered. */
async function stop({ link, registry }: Watch): Promise<void> {
  const stopped = link.stop();
  (await registry.next(DELETE)).answer(status(204));
  await stopped;
}

Deno.test("RegistryLink shows its instance's token with what has no body", async () => {
  const seen = watch();
  seen.link.start();
  (await seen.registry.next(POST)).answer(success());
  const beat = await seen.registry.next(HEAD);
  assert.equal(beat.token, "token-1");
  const stopped = seen.link.stop();
  beat.answer(status(200));
  const goodbye = await seen.registry.next(DELETE);
  assert.equal(goodbye.token, "token-1");
  goodbye.answer(status(204));
  await stopped;
});

Deno.test("RegistryLink whose id another instance has says so, and keeps asking for it", async () => {
  const seen = watch();
  seen.link.start();
  (await seen.registry.next(POST)).answer(success());
  (await seen.registry.next(HEAD)).answer(status(410));
  const message = "agent_id a-1 is held by another instance";
  (await seen.registry.next(POST)).answer(success({ status: "error", message }));
  const again = await seen.registry.next(POST);
  const [trouble] = seen.troubles;
  assert.equal(trouble?.code, "registration_refused");
  assert.match(trouble.message, /held by another instance/);
  again.answer(success());
  await stop(seen);
});

Deno.test("RegistryLink registers, then keeps alive with HEAD", async () => {
  const seen = watch();
  seen.link.start();
  const post = await seen.registry.next(POST);
  assert.deepEqual(post.body, { agent_id: "a-1", runtime: "deno" });
  post.answer(success());
  (await seen.registry.next(HEAD)).answer(status(200));
  (await seen.registry.next(HEAD)).answer(status(200));
  const third = await seen.registry.next(HEAD);
  assert.equal(seen.answers.length, 1);
  assert.equal(seen.synced, 3);
  third.answer(status(200));
  await stop(seen);
});

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const boundless: [name: string, answer: () => Response][] = [
  ["nested too deep", () => new Response(`{"dependencies_resolved":${nested(201)}}`)],
  ["nested much too deep", () => new Response(`{"dependencies_resolved":${nested(100_000)}}`)],
  ["too long", () => new Response(ReadableStream.from(Array(33).fill(new Uint8Array(2 ** 20))))],
];
for (const [name, answer] of boundless) {
  Deno.test(`RegistryLink takes no answer that is ${name}, and asks again`, async () => {
    const seen = watch();
    seen.link.start();
    (await seen.registry.next(POST)).answer(answer());
    (await seen.registry.next(POST)).answer(success());
    (await seen.registry.next(HEAD)).answer(status(200));
    assert.deepEqual(seen.troubles.map((trouble) => trouble?.code), ["protocol", undefined]);
    await stop(seen);
  });
}

for (const code of [202, 410]) {
  Deno.test(`RegistryLink answers ${code} with a full heartbeat at once`, async () => {
    const seen = watch();
    seen.link.start();
    (await seen.registry.next(POST)).answer(success());
    (await seen.registry.next(HEAD)).answer(status(code));
    (await seen.registry.next(POST)).answer(success({ message: "again" }));
    (await seen.registry.next(HEAD)).answer(status(200));
    assert.deepEqual(seen.answers.map(({ message }) => message), ["ok", "again"]);
    await stop(seen);
  });
}

Deno.test("RegistryLink registers anew after four failures in a row", async () => {
  const seen = watch();
  seen.link.start();
  (await seen.registry.next(POST)).answer(success());
  for (let failure = 1; failure <= 4; failure++) {
    (await seen.registry.next(HEAD)).answer(status(503));
  }
  (await seen.registry.next(POST)).fail(new TypeError("refused"));
  (await seen.registry.next(POST)).answer(success());
  (await seen.registry.next(HEAD)).answer(status(200));
  assert.deepEqual(seen.troubles.map((trouble) => trouble?.code), [
    "protocol",
    "protocol",
    "protocol",
    "protocol",
    "unreachable",
    undefined,
  ]);
  await stop(seen);
});

Deno.test("RegistryLink keeps trying when the registry is not there yet", async () => {
  const seen = watch();
  seen.link.start();
  (await seen.registry.next(POST)).fail(new TypeError("refused"));
  (await seen.registry.next(POST)).answer(new Response("<html>", { status: 502 }));
  (await seen.registry.next(POST)).answer(success());
  (await seen.registry.next(HEAD)).answer(status(200));
  assert.match(String(seen.troubles[0]?.message), /http:\/\/registry cannot be reached: refused/);
  assert.match(String(seen.troubles[1]?.message), /answered 502: <html>/);
  await stop(seen);
});

Deno.test("RegistryLink reports a refusal with the registry's words", async () => {
  const seen = watch();
  seen.link.start();
  (await seen.registry.next(POST)).answer(success({ status: "error", message: "bad name" }));
  (await seen.registry.next(POST)).answer(success());
  (await seen.registry.next(HEAD)).answer(status(200));
  assert.equal(seen.troubles[0]?.code, "registration_refused");
  assert.match(String(seen.troubles[0]?.message), /bad name/);
  await stop(seen);
});

Deno.test("RegistryLink calls itself typescript where deno is not known", async () => {
  const seen = watch();
  seen.link.start();
  (await seen.registry.next(POST)).answer(
    success({ status: "error", message: "invalid enum value for runtime field: deno" }),
  );
  const second = await seen.registry.next(POST);
  assert.equal(second.body?.["runtime"], "typescript");
  second.answer(success());
  (await seen.registry.next(HEAD)).answer(status(202));
  const third = await seen.registry.next(POST);
  assert.equal(third.body?.["runtime"], "typescript", "and remembers it");
  third.answer(success());
  (await seen.registry.next(HEAD)).answer(status(200));
  assert.deepEqual(seen.troubles, []);
  await stop(seen);
});

Deno.test("RegistryLink.refresh() sends a full heartbeat without waiting", async () => {
  const seen = watch({ heartbeatMs: 1e9 });
  seen.link.start();
  (await seen.registry.next(POST)).answer(success());
  while (seen.synced === 0) await Promise.resolve();
  seen.link.refresh();
  (await seen.registry.next(POST)).answer(success());
  await stop(seen);
});

Deno.test("RegistryLink asks again soon while something is missing", async () => {
  const seen = watch({ heartbeatMs: 1e9 });
  seen.impatient = true;
  seen.link.start();
  (await seen.registry.next(POST)).answer(success());
  (await seen.registry.next(HEAD)).answer(status(200));
  (await seen.registry.next(HEAD)).answer(status(200));
  await stop(seen);
});

/** What a registry of the reference says to a runtime it does not know. */
function foreign(): Response {
  return success({
    status: "error",
    message: 'invalid enum value for runtime field: "deno"; use one of python, typescript, java',
  });
}

Deno.test("RegistryLink tells a registry of ours of an unhealthy agent, and keeps beating", async () => {
  const seen = watch();
  seen.healthy = false;
  seen.link.start();
  (await seen.registry.next(POST)).answer(success());
  (await seen.registry.next(HEAD)).answer(status(200));
  const beat = await seen.registry.next(HEAD);
  seen.healthy = true;
  seen.link.refresh();
  beat.answer(status(200));
  (await seen.registry.next(POST)).answer(success());
  (await seen.registry.next(HEAD)).answer(status(200));
  assert.deepEqual(seen.troubles, []);
  await stop(seen);
});

Deno.test("RegistryLink registers an unhealthy agent with no registry of the reference", async () => {
  const seen = watch();
  seen.healthy = false;
  seen.link.start();
  (await seen.registry.next(POST)).answer(foreign());
  (await seen.registry.next(DELETE)).answer(status(204));
  seen.healthy = true;
  const post = await seen.registry.next(POST);
  assert.deepEqual(post.body, { agent_id: "a-1", runtime: "typescript" });
  post.answer(success());
  (await seen.registry.next(HEAD)).answer(status(200));
  assert.equal(seen.answers.length, 1);
  assert.deepEqual(seen.troubles, []);
  await stop(seen);
});

Deno.test("RegistryLink says goodbye to the reference's for an unhealthy agent, and is silent", async () => {
  const looked = Promise.withResolvers<void>();
  let looks = 0;
  const seen = watch({
    isHealthy: () => {
      looks += 1;
      if (looks === 10) looked.resolve();
      return seen.healthy;
    },
  });
  seen.link.start();
  (await seen.registry.next(POST)).answer(foreign());
  (await seen.registry.next(POST)).answer(success());
  const beat = await seen.registry.next(HEAD);
  seen.healthy = false;
  beat.answer(status(200));
  (await seen.registry.next(DELETE)).answer(status(204));
  await looked.promise;
  assert.ok(seen.registry.idle);
  seen.healthy = true;
  (await seen.registry.next(POST)).answer(success());
  (await seen.registry.next(HEAD)).answer(status(200));
  await stop(seen);
});

Deno.test("RegistryLink.stop() of an unhealthy agent does not say goodbye twice", async () => {
  const seen = watch();
  seen.link.start();
  (await seen.registry.next(POST)).answer(foreign());
  const post = await seen.registry.next(POST);
  seen.healthy = false;
  post.answer(success());
  (await seen.registry.next(DELETE)).answer(status(204));
  await seen.link.stop();
  assert.ok(seen.registry.idle);
});

Deno.test("RegistryLink.stop() while registering takes it back", async () => {
  const seen = watch();
  seen.link.start();
  await seen.registry.next(POST);
  await stop(seen);
});

Deno.test("RegistryLink.stop() of an agent that was never announced tells nobody", async () => {
  const seen = watch();
  await seen.link.stop();
  assert.ok(seen.registry.idle);
});

Deno.test("RegistryLink.stop() survives a registry that is gone", async () => {
  const seen = watch();
  seen.link.start();
  (await seen.registry.next(POST)).answer(success());
  (await seen.registry.next(HEAD)).answer(status(200));
  const stopped = seen.link.stop();
  (await seen.registry.next(DELETE)).fail(new TypeError("refused"));
  await stopped;
});
