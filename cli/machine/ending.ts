/**
 * Follows agents that were told to end: until when each may go on, and what it still waits for. An
 * agent writes into its record that it drains; one that does not is deaf, and is not waited for.
 *
 * @module
 */
import { AgentRecordSchema } from "../../runtime/process/plan.ts";
import { readRecord } from "./record_file.ts";

/** What processes that end are given. */
export interface Patience {
  /** Returns until when they may go on, in milliseconds since the epoch. */
  until(): Promise<number>;
}

/** What {@linkcode agentPatience} needs. */
export interface AgentPatienceOptions {
  /** Paths of the records of the agents of one process. */
  records: readonly string[];
  /** Takes a sentence that says what is waited for. */
  say(text: string): void;
  /** Milliseconds since the epoch. @default Date.now */
  now?: () => number;
}

/**
 * What an agent may take besides its calls, milliseconds: it says goodbye, lets go of what it holds and
 * sends its last spans.
 */
export const CLOSING_MS = 5_000;
/** How long a registry lets calls through it go on, seconds. */
const REGISTRY_DRAIN_SECONDS = 10;
/** Calls that end sooner are not worth a word, milliseconds. */
const QUIET_MS = 500;

/**
 * Returns how long a registry may take to end, in milliseconds.
 *
 * @param shutdownSeconds How long calls through it may go on. @default as the registry does
 */
export function registryGraceMs(shutdownSeconds: number = REGISTRY_DRAIN_SECONDS): number {
  return shutdownSeconds * 1_000 + CLOSING_MS;
}

/** Gives a process a fixed time. */
export function fixedPatience(ms: number): Patience {
  const until = Date.now() + ms;
  return { until: () => Promise.resolve(until) };
}

/** Gives a process of agents the time that its calls need, and says what it waits for. */
export function agentPatience(
  { records, say, now = Date.now }: AgentPatienceOptions,
): Patience {
  const askedAt = now();
  const said = new Map<string, number>();
  return {
    async until() {
      let until = askedAt + CLOSING_MS;
      for (const path of records) {
        const record = await readRecord(path, AgentRecordSchema);
        const draining = record?.draining;
        if (record === undefined || draining === undefined) continue;
        until = Math.max(until, draining.until + CLOSING_MS);
        const isNews = draining.calls > 0 && said.get(path) !== draining.calls;
        if (!isNews || now() - askedAt < QUIET_MS) continue;
        said.set(path, draining.calls);
        say(waitText(record.name, draining.calls, draining.until - now()));
      }
      return until;
    },
  };
}

function waitText(name: string, calls: number, leftMs: number): string {
  const what = calls === 1 ? "1 call" : `${calls} calls`;
  return `Waiting for ${what} of ${name}, at most ${Math.max(1, Math.ceil(leftMs / 1000))} s`;
}
