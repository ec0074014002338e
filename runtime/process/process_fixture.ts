/**
 * Agent processes for end-to-end tests.
 *
 * @module
 */
import { dirname } from "node:path";
import {
  type AgentRecord,
  AgentRecordSchema,
  type HostCommand,
  type HostPlan,
  type PlannedAgent,
  type ReloadReport,
} from "./plan.ts";

interface Options extends Partial<Pick<HostPlan, "commands" | "tied" | "watched">> {
  /** Commands of a shell that becomes the process, such as `ulimit -n 64`. */
  readonly under?: string;
}

const root = new URL("../../", import.meta.url);

/** An agent process of a test. Disposing of it kills it and removes what it wrote. */
export class AgentProcess implements AsyncDisposable {
  /** The process. */
  readonly child: Deno.ChildProcess;
  readonly #folder: string;
  readonly #output: Promise<string>;
  #said = "";
  #onSaid = () => {};
  readonly #hasInput: boolean;

  /** Runs `deno` with these arguments, from the root of the repository. */
  constructor(args: string[], env: Record<string, string>, folder: string, options: Options = {}) {
    this.#folder = folder;
    this.#hasInput = options.commands === true;
    const { under } = options;
    const shell = ["-c", `${under}; exec "$0" "$@"`, Deno.execPath()];
    this.child = new Deno.Command(under === undefined ? Deno.execPath() : "sh", {
      args: under === undefined ? args : [...shell, ...args],
      cwd: root,
      env: { MCP_MESH_HEALTH_INTERVAL: "0.1", NO_COLOR: "1", ...env },
      stdin: options.commands ? "piped" : "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#output = this.#listen();
  }

  async #listen(): Promise<string> {
    for await (const text of this.child.stderr.pipeThrough(new TextDecoderStream())) {
      this.#said += text;
      this.#onSaid();
    }
    return this.#said;
  }

  /** Resolves once it has written what matches. */
  async said(text: RegExp): Promise<void> {
    while (!text.test(this.#said)) await new Promise<void>((resolve) => this.#onSaid = resolve);
  }

  /** Runs agents as `meshctl start` does, all in one process. */
  static async plan(
    agents: readonly (
      & { readonly file: string }
      & Partial<Pick<PlannedAgent, "name" | "permissions" | "data" | "log">>
    )[],
    env: Record<string, string>,
    options: Options = {},
  ): Promise<AgentProcess> {
    const folder = await Deno.makeTempDir();
    const { commands = false, tied = false, watched = false } = options;
    const plan: HostPlan = {
      prefix: agents.length > 1,
      commands,
      tied,
      watched,
      agents: agents.map((agent, index) => ({
        name: `planned-${index}`,
        record: `${folder}/${index}.json`,
        permissions: {},
        ...agent,
      })),
    };
    const paths = plan.agents.flatMap(({ data, log }) => [data ?? [], log ?? []].flat());
    const writable = [folder, ...paths.map((path) => dirname(path))];
    return new AgentProcess(
      [
        "run",
        "--quiet",
        "--no-prompt",
        `--allow-write=${writable.join(",")}`,
        "--allow-net",
        "--allow-read",
        "--allow-env",
        "--allow-sys",
        new URL("./main.ts", import.meta.url).pathname,
        JSON.stringify(plan),
      ],
      env,
      folder,
      options,
    );
  }

  /** Tells it something. */
  async tell(command: HostCommand): Promise<void> {
    const writer = this.child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`${JSON.stringify(command)}\n`));
    writer.releaseLock();
  }

  /** Tells it something about the reload of an agent; what it reports of it in one of `phases`. */
  async reload(
    command: HostCommand & { readonly id: number },
    ...phases: ReloadReport["phase"][]
  ): Promise<ReloadReport> {
    await this.tell(command);
    const { reload } = await this.record(({ reload }) =>
      reload?.id === command.id && phases.includes(reload.phase)
    );
    // The condition has seen it.
    return reload as ReloadReport;
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
    if (this.#hasInput) await this.child.stdin.close().catch(() => {});
    await Deno.remove(this.#folder, { recursive: true });
  }
}
