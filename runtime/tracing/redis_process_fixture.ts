/**
 * A real Redis for tests, on a port of its own, that can be killed and started again.
 *
 * @module
 */

/** A Redis process. */
export class RedisProcess implements AsyncDisposable {
  #child: Deno.ChildProcess | undefined;
  #output: Promise<void> | undefined;

  private constructor(readonly port: number, readonly folder: string) {}

  /** Whether this machine has one. */
  static isInstalled(): boolean {
    try {
      return new Deno.Command("redis-server", { args: ["--version"], stdout: "null" })
        .outputSync().success;
    } catch {
      return false;
    }
  }

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
        ...["--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.folder],
        ...["--save", "", "--appendonly", "yes", "--appendfsync", "always"],
      ],
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const ready = Promise.withResolvers<void>();
    this.#output = readUntilReady(this.#child.stdout, ready);
    await ready.promise;
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#child?.status;
    await this.#output;
    this.#child = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.folder, { recursive: true });
  }
}

async function readUntilReady(
  output: ReadableStream<Uint8Array<ArrayBuffer>>,
  ready: PromiseWithResolvers<void>,
): Promise<void> {
  let text = "";
  for await (const chunk of output.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes("Ready to accept connections")) ready.resolve();
  }
  ready.reject(new Error(`redis-server ended: ${text}`));
}
