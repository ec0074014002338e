/**
 * A real Redis on a port of its own, for tests. `redis-server` must be installed.
 *
 * @module
 */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./meshctl.ts";

/** A Redis of a test. */
export interface RedisServer extends AsyncDisposable {
  /** Such as `redis://127.0.0.1:40123`. */
  readonly url: string;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again, with what it had written down. */
  start(): Promise<void>;
}

/** Starts a Redis that writes everything down at once. */
export async function redisServer(): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), "mesh-redis-"));
  const port = freePort();
  let child: Deno.ChildProcess | undefined;
  const server: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      child = new Deno.Command("redis-server", {
        args: [
          ...["--port", String(port), "--bind", "127.0.0.1", "--dir", folder],
          ...["--save", "", "--appendonly", "yes", "--appendfsync", "always"],
        ],
        stdin: "null",
        stdout: "piped",
        stderr: "null",
      }).spawn();
      const { promise: ready, resolve } = Promise.withResolvers<void>();
      void readLines(child.stdout, (text) => text.includes("Ready to accept") && resolve());
      await Promise.race([ready, child.status.then(() => Promise.reject(new Error("it ended")))]);
      // The port answers.
      const socket = connect(port, "127.0.0.1");
      await once(socket, "connect");
      socket.destroy();
    },
    async kill() {
      child?.kill("SIGKILL");
      await child?.status;
      child = undefined;
    },
    async [Symbol.asyncDispose]() {
      await server.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

async function readLines(stream: ReadableStream<Uint8Array>, look: (text: string) => void) {
  const decoder = new TextDecoder();
  for await (const bytes of stream) look(decoder.decode(bytes, { stream: true }));
}
