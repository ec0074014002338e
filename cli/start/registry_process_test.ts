import { deepEqual, equal, rejects } from "node:assert/strict";
import { contextFixture } from "../app/context_fixture.ts";
import { meshHome } from "../machine/home.ts";
import { ensureRegistry, type EnsureRegistryOptions } from "./registry_process.ts";

const address = {
  url: "http://mesh.example:8000",
  host: "mesh.example",
  port: 8000,
  local: false,
};

function options(signal = new AbortController().signal): EnsureRegistryOptions {
  return {
    address,
    home: meshHome("/nowhere/mesh"),
    foreground: false,
    connectOnly: false,
    env: {},
    onLine: undefined,
    signal,
    onStarted: () => {},
  };
}

function health(status: string): Response {
  const body = { status, version: "0.1.0", uptime_seconds: 0, timestamp: "", service: "registry" };
  return Response.json(body, { status: status === "healthy" ? 200 : 503 });
}

/** A context whose registry answers one after the other, the last one for ever. */
function answering(...answers: (() => Response)[]) {
  let asked = 0;
  const { context } = contextFixture({
    fetch: () => {
      const answer = answers[Math.min(asked++, answers.length - 1)];
      return answer === undefined
        ? Promise.reject(new TypeError("refused"))
        : Promise.resolve(answer());
    },
  });
  return { context, asked: () => asked };
}

Deno.test("ensureRegistry() takes the registry that answers", async () => {
  const { context } = answering(() => health("healthy"));
  deepEqual(await ensureRegistry(options(), context), { url: address.url, started: false });
});

Deno.test("ensureRegistry() waits for a registry that is starting", async () => {
  const starting = () => health("starting");
  const { context, asked } = answering(starting, starting, () => health("healthy"));
  deepEqual(await ensureRegistry(options(), context), { url: address.url, started: false });
  equal(asked(), 3);
});

Deno.test("ensureRegistry() does not wait for ever", async () => {
  const { context } = answering(() => health("starting"));
  await rejects(ensureRegistry(options(AbortSignal.abort()), context), {
    message: "the registry at http://mesh.example:8000 says it is starting",
  });
});

Deno.test("ensureRegistry() tells of a registry that is not well", async () => {
  const { context } = answering(() => health("unhealthy"));
  await rejects(ensureRegistry(options(), context), {
    message: "the registry at http://mesh.example:8000 says it is unhealthy",
  });
});

Deno.test("ensureRegistry() does not take another server for a registry", async () => {
  const { context } = answering(() => new Response("<html>", { status: 503 }));
  await rejects(ensureRegistry(options(), context), {
    message: "http://mesh.example:8000 is answered with HTTP 503, but not as a registry does",
  });
});

Deno.test("ensureRegistry() does not start a registry elsewhere", async () => {
  const { context } = answering();
  await rejects(ensureRegistry(options(), context), { code: 4 });
});
