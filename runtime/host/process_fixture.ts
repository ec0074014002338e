/**
 * Agent processes for end-to-end tests.
 *
 * @module
 */
import { type AgentRecord, AgentRecordSchema, type HostPlan, type Permissions } from "./plan.ts";

const root = new URL("../../", import.meta.url);

/** An agent process of a test. Disposing of it kills it and removes what it wrote. */
export class AgentProcess implements AsyncDisposable {
  /** The process. */
  readonly child: Deno.ChildProcess;
  readonly #folder: string;
  readonly #output: Promise<string>;

  /** Runs `deno` with these arguments, from the root of the repository. */
  constructor(args: string[], env: Record<string, string>, folder: string) {
    this.#folder = folder;
    this.child = new Deno.Command(Deno.execPath(), {
      args,
      cwd: root,
      env: { MCP_MESH_HEALTH_INTERVAL: "0.1", NO_COLOR: "1", ...env },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#output = new Response(this.child.stderr).text();
  }

  /** Runs agents as `meshctl start` does, all in one process. */
  static async plan(
    agents: readonly { readonly file: string; readonly permissions?: Permissions }[],
    env: Record<string, string>,
  ): Promise<AgentProcess> {
    const folder = await Deno.makeTempDir();
    const plan: HostPlan = {
      prefix: agents.length > 1,
      agents: agents.map(({ file, permissions = {} }, index) => ({
        file,
        name: `planned-${index}`,
        record: `${folder}/${index}.json`,
        permissions,
      })),
    };
    return new AgentProcess(
      [
        "run",
        "--quiet",
        "--no-prompt",
        `--allow-write=${folder}`,
        "--allow-net",
        "--allow-read",
        "--allow-env",
        "--allow-sys",
        new URL("./main.ts", import.meta.url).pathname,
        JSON.stringify(plan),
      ],
      env,
      folder,
    );
  }

  /** The record of an agent, once it satisfies `condition`. */
  async record(condition: (record: AgentRecord) => boolean, index = 0): Promise<AgentRecord> {
    using watcher = Deno.watchFs(this.#folder);
    const ended = this.child.status.then(() => watcher.close());
    for (;;) {
      const record = await this.#read(index);
      if (record !== undefined && condition(record)) return record;
      const { done } = await watcher[Symbol.asyncIterator]().next();
      if (done) {
        await ended;
        const last = await this.#read(index);
        if (last !== undefined && condition(last)) return last;
        throw new Error(`the process ended: ${JSON.stringify(last)}\n${await this.#output}`);
      }
    }
  }

  async #read(index: number): Promise<AgentRecord | undefined> {
    try {
      const text = await Deno.readTextFile(`${this.#folder}/${index}.json`);
      return AgentRecordSchema.parse(JSON.parse(text));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  /** Ends the process by a signal; its exit code and what it wrote. */
  async stop(signal: Deno.Signal): Promise<{ code: number; output: string }> {
    this.child.kill(signal);
    return await this.ended();
  }

  /** Its exit code and what it wrote, once it has ended. */
  async ended(): Promise<{ code: number; output: string }> {
    const { code } = await this.child.status;
    return { code, output: await this.#output };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.child.kill("SIGKILL");
    } catch {
      // It ended by itself.
    }
    await this.ended();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
