/**
 * One attacker at work: makes its attempts one after the other, and judges each from outside.
 *
 * @module
 */
import { waitInFolder } from "../../machine/folder_watch.ts";
import { meshHome } from "../../machine/home.ts";
import { readAgentRecord } from "../../machine/records.ts";
import type { AttackerName } from "./agents.ts";
import type { Attempt, Targets } from "./attempt.ts";
import { isUntouched, type Scene } from "./scene.ts";

/** Longest that a process of the mesh may take to answer a probe, milliseconds. */
const PROBE_MS = 5_000;
/** Longest that the attacker's code may take to be back after an attempt, milliseconds. */
const BACK_MS = 4_000;
/** Longest that its code may take for an answer without any work, milliseconds. */
const PING_MS = 1_000;
/** Answers that are not those of the attacker's code, before it is taken for lost. */
const NONSENSE_MAX = 4;
/** How much of a log an attempt may have written. */
const TAIL_BYTES = String(64 * 1024);
/** Longest that lines take on their way into a log, milliseconds. */
const LOG_MS = 2_000;

/** Where the attacker's process is. */
interface Place {
  readonly pid: number;
  readonly port: number;
  readonly token: string;
}

/** Runs one thing at a time, or a few. */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @param places How many things run at a time. */
  constructor(places: number) {
    this.#free = places;
  }

  /** Runs `work` when there is a place. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free--;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}

/** Turns that the attackers of a scene share. */
export interface SharedTurns {
  /** Of starting one anew. */
  readonly starts: Turns;
  /** Of taking much memory. */
  readonly heavy: Turns;
}

/** Makes the attempts of one attacker. */
export class Trial {
  readonly #scene: Scene;
  readonly #attacker: AttackerName;
  readonly #start: readonly string[];
  readonly #turns: SharedTurns;
  #place!: Place;
  #count = 0;

  /** @param start Options of `start` that the scene was started with. */
  constructor(
    scene: Scene,
    attacker: AttackerName,
    start: readonly string[],
    turns: SharedTurns,
  ) {
    this.#scene = scene;
    this.#attacker = attacker;
    this.#start = start;
    this.#turns = turns;
  }

  /**
   * Makes attempts.
   *
   * @returns The harm of each that did some, by its id.
   */
  async run(attempts: readonly Attempt[]): Promise<Map<string, string>> {
    this.#place = await this.#placed();
    const harms = new Map<string, string>();
    for (const attempt of attempts) {
      const one = () => this.#one(attempt);
      const harm = await (attempt.heavy === true ? this.#turns.heavy.run(one) : one());
      if (harm !== undefined) harms.set(attempt.id, harm);
    }
    return harms;
  }

  async #one(attempt: Attempt): Promise<string | undefined> {
    const at = this.#targets();
    const answer = await this.#make(attempt, at);
    const found = [
      attempt.bare === true ? undefined : harmOf(answer),
      this.#leakedIn(answer),
      await this.#leftBehind(at),
      attempt.logs === true ? await this.#forgedIn(at) : undefined,
    ];
    const state = await this.#stateAfter(attempt, at);
    if (state === "gone") found.push("the process of its runtime has ended or stands still");
    for (const [name, port] of [["neighbour", at.victim], ["registry", at.registry]] as const) {
      if (!await isWell(port)) found.push(`the ${name} has ended or stands still`);
    }
    if (state !== "back" && attempt.last !== true) {
      await this.#turns.starts.run(() => this.#startAnew());
    }
    return found.find((harm) => harm !== undefined);
  }

  #targets(): Targets {
    const { shared, outside } = this.#scene;
    const attacker = this.#attacker;
    return {
      ...shared,
      attacker,
      mark: `${attacker}-${++this.#count}-${crypto.randomUUID().slice(0, 8)}`,
      outside: outside(attacker),
      data: meshHome(shared.home).data(attacker),
      own: this.#place.port,
      runtimePid: this.#place.pid,
    };
  }

  /** Returns what the attacker's tool answers, or why it does not. */
  async #make({ code, limitMs = 1_000, bare = false }: Attempt, at: Targets): Promise<string> {
    return await this.#call(code, at, limitMs, bare);
  }

  async #call(code: string, at: Targets, limitMs: number, bare: boolean): Promise<string> {
    const params = { name: "attempt", arguments: { code, at, limitMs, bare } };
    const timeoutMs = limitMs + 500;
    try {
      const response = await fetch(`http://127.0.0.1:${this.#place.port}/mcp`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json",
          "x-mesh-timeout": String(timeoutMs / 1_000),
        },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
        signal: AbortSignal.timeout(timeoutMs + 500),
      });
      return await response.text();
    } catch (error) {
      return `no answer: ${error}`;
    }
  }

  #leakedIn(answer: string): string | undefined {
    const { secrets } = this.#scene;
    const tokens = Object.entries({ ...secrets, token: this.#place.token });
    const [name] = tokens.find(([, secret]) => answer.includes(secret)) ?? [];
    return name === undefined ? undefined : `it got a secret: ${name}`;
  }

  /** Looks for traces outside of the mesh. */
  async #leftBehind({ mark, outside }: Targets): Promise<string | undefined> {
    if (this.#scene.canary.seen.some((request) => request.includes(mark))) {
      return "it reached a server";
    }
    if (await isUntouched(outside)) return undefined;
    await this.#scene.plant(this.#attacker);
    return "it changed files of the user";
  }

  /** Looks for what the attacker made up in its log, once its last line is there. */
  async #forgedIn({ mark, home }: Targets): Promise<string | undefined> {
    const { logs, log } = meshHome(home);
    // Output of a process whose agents are in workers goes into a log of its own, which may be an old one.
    const files = [log(this.#attacker), `/proc/${this.#place.pid}/fd/1`];
    const read = async () => {
      const command = new Deno.Command("tail", { args: ["-q", "-c", TAIL_BYTES, ...files] });
      return new TextDecoder().decode((await command.output()).stdout);
    };
    await waitInFolder(
      logs,
      async () => (await read()).includes(`after ${mark}`) ? true : undefined,
      { wake: [], signal: AbortSignal.timeout(LOG_MS) },
    );
    return forgery(await read(), mark);
  }

  async #stateAfter({ last, restarts }: Attempt, at: Targets): Promise<"back" | "gone" | "mute"> {
    if (last === true) return await isWell(at.own) ? "mute" : "gone";
    if (restarts === true) await this.#call("Deno.exit()", at, 500, false);
    return await this.#back(at);
  }

  /** Waits until the attacker's code answers again, or its process does not. */
  async #back(at: Targets): Promise<"back" | "gone" | "mute"> {
    const { agents } = meshHome(at.home);
    let nonsense = 0;
    const state = await waitInFolder(agents, async () => {
      const answer = await this.#call("return at.mark", at, PING_MS, false);
      if (answer.includes(at.mark)) return "back";
      if (!await isWell(at.own)) return "gone";
      // Code that is being started again may fail a call or two.
      return ++nonsense > NONSENSE_MAX ? "mute" : undefined;
    }, { wake: [], signal: AbortSignal.timeout(BACK_MS) });
    return state ?? "mute";
  }

  async #startAnew(): Promise<void> {
    const { mesh, module } = this.#scene;
    try {
      Deno.kill(this.#place.pid, "SIGKILL");
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    const file = module(this.#attacker);
    const { code, stderr } = await mesh.run("start", "-d", "--no-check", ...this.#start, file);
    if (code !== 0) throw new Error(`${this.#attacker} could not be started again: ${stderr}`);
    this.#place = await this.#placed();
  }

  async #placed(): Promise<Place> {
    const path = meshHome(this.#scene.shared.home).record(this.#attacker);
    const { pid, port, instance_token: token } = await readAgentRecord(path) ?? {};
    if (pid === undefined || port === undefined || token === undefined) {
      throw new Error(`${this.#attacker} has not joined the mesh`);
    }
    return { pid, port, token };
  }
}

/** The harm that the attacker itself says it has done. */
function harmOf(answer: string): string | undefined {
  try {
    const { result } = JSON.parse(answer);
    const { is, text } = JSON.parse(result.content[0].text);
    return is === "harm" ? `it got ${JSON.stringify(String(text).slice(0, 60))}` : undefined;
  } catch {
    // It was ended, or answers nonsense: then others say what came of it.
    return undefined;
  }
}

/** Returns what is wrong with a log after an attempt to forge lines in it, if anything. */
export function forgery(log: string, mark: string): string | undefined {
  const lines = log.split("\n").filter((line) => line.includes(mark));
  // deno-lint-ignore no-control-regex -- these are what is looked for
  if (lines.some((line) => /[\0-\x08\x0b-\x1f\x7f-\x9f]/.test(line))) {
    return "its log has control characters";
  }
  return lines.some((line) => line.startsWith("2026-01-01"))
    ? "its log has a forged line"
    : undefined;
}

async function isWell(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health`, {
      signal: AbortSignal.timeout(PROBE_MS),
    });
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}
