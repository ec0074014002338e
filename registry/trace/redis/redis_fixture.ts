/**
 * A real Redis for tests, on a port of its own, that can be killed and started again.
 *
 * @module
 */
import { Redis } from "ioredis";
import {
  type MeasuredSpan,
  streamEntry,
  TRACE_STREAM,
} from "../../../runtime/protocol/trace_stream.ts";

/** Whether Redis is installed (Debian's redis-server). */
async function hasRedis(): Promise<boolean> {
  try {
    await new Deno.Command("redis-server", { args: ["--version"], stdout: "null", stderr: "null" })
      .output();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

const ignore = !await hasRedis();

/** A test with a Redis of its own; left out, and said so, where none is installed. */
export function redisTest(name: string, test: (redis: RedisProcess) => Promise<void>): void {
  Deno.test({
    name: ignore ? `${name} (needs redis-server)` : name,
    ignore,
    fn: async () => {
      await using redis = await RedisProcess.open();
      await test(redis);
    },
  });
}

/** A Redis process. */
export class RedisProcess implements AsyncDisposable {
  #child: Deno.ChildProcess | undefined;
  readonly #clients = new Set<Redis>();

  private constructor(readonly port: number, readonly folder: string) {}

  /** Starts one with nothing in it. */
  static async open(): Promise<RedisProcess> {
    const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
    const { port } = listener.addr;
    listener.close();
    const redis = new RedisProcess(port, await Deno.makeTempDir());
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}/0`;
  }

  /** Starts it with what it had written to disk; resolves when it answers. */
  async start(): Promise<void> {
    this.#child = new Deno.Command("redis-server", {
      args: [
        "--port",
        String(this.port),
        "--bind",
        "127.0.0.1",
        "--dir",
        this.folder,
        "--appendonly",
        "yes",
        "--appendfsync",
        "always",
        "--save",
        "",
      ],
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const ready = Promise.withResolvers<void>();
    this.#output = this.#read(this.#child.stdout, ready);
    await ready.promise;
  }

  #output: Promise<void> | undefined;

  async #read(output: ReadableStream<Uint8Array<ArrayBuffer>>, ready: PromiseWithResolvers<void>) {
    let text = "";
    for await (const chunk of output.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes("Ready to accept connections")) ready.resolve();
    }
    ready.reject(new Error(`redis-server ended: ${text}`));
  }

  /** Ends it as a crash does. @param amnesia Whether it has forgotten everything afterwards. */
  async kill(amnesia = false): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#child?.status;
    await this.#output;
    this.#child = undefined;
    if (!amnesia) return;
    for await (const { name } of Deno.readDir(this.folder)) {
      await Deno.remove(`${this.folder}/${name}`, { recursive: true });
    }
  }

  /** A client that waits for Redis to be there, and goes with it at the end. */
  client(): Redis {
    const client = new Redis(this.url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
    client.on("error", () => {});
    this.#clients.add(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#clients].map(async (client) => {
      const ended = new Promise<void>((resolve) => client.once("end", () => resolve()));
      client.disconnect();
      await ended;
    }));
    await this.kill();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Adds spans to the stream, as an agent does. */
export async function publish(client: Redis, measured: readonly MeasuredSpan[]): Promise<void> {
  const pipeline = client.pipeline();
  for (const each of measured) {
    const entry = streamEntry(each, Date.now());
    if (entry !== undefined) {
      pipeline.call("XADD", [TRACE_STREAM, "MAXLEN", "~", "100000", "*", ...entry]);
    }
  }
  for (const [error] of await pipeline.exec() ?? []) {
    if (error !== null) throw error;
  }
}
