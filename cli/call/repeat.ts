/**
 * The same call many times, several at once.
 *
 * @module
 */
import { CliError } from "../base/exit.ts";
import { type CallAnswer, callOutcome } from "./answer_view.ts";
import type { CallSample } from "./latency_summary.ts";

/** How often and how. */
export interface RepeatOptions {
  /** Name of the tool, for what failures say. */
  tool: string;
  /** How many calls. */
  calls: number;
  /** How many at once. */
  parallel: number;
  /** Milliseconds, of a clock that only goes forward. */
  clock(): number;
  /** Takes how many calls are done, after each. */
  onDone(calls: number): void;
  /** Ends it early: calls under way are given up and not counted. */
  signal: AbortSignal;
  /** Makes one call. */
  send(signal: AbortSignal): Promise<CallAnswer>;
}

/** Calls, and returns how each came out. */
export async function repeatCall(options: RepeatOptions): Promise<CallSample[]> {
  const samples: CallSample[] = [];
  let begun = 0;
  const worker = async () => {
    while (begun < options.calls && !options.signal.aborted) {
      begun++;
      const sample = await oneCall(options);
      if (sample === undefined) continue;
      samples.push(sample);
      options.onDone(samples.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.parallel, options.calls) }, worker));
  return samples;
}

async function oneCall(
  { tool, clock, signal, send }: RepeatOptions,
): Promise<CallSample | undefined> {
  const started = clock();
  try {
    const answered = await send(signal);
    const outcome = callOutcome(tool, answered);
    const { durationMs } = answered;
    return outcome.ok ? { durationMs } : { durationMs, failure: outcome };
  } catch (error) {
    if (signal.aborted) return undefined;
    if (!(error instanceof CliError)) throw error;
    const failure = { message: error.message, exit: error.code };
    return { durationMs: clock() - started, failure };
  }
}
