/**
 * Calls of a host's tools without a mesh around them.
 *
 * @module
 */
import { decodeResult, outcomeToResult } from "../boundary/result.ts";
import type { CallEnvironment, Host } from "../boundary/host.ts";

/** An environment that has nothing and keeps nothing. */
export function bareEnvironment(): CallEnvironment {
  return {
    signal: new AbortController().signal,
    headers: {},
    trace: undefined,
    client: undefined,
    answers: {},
    chunks: "none",
    dependencies: new Map(),
    toolbox: [],
    emit: () => Promise.resolve(),
    progress: () => {},
    log: () => {},
    record: () => {},
  };
}

/** The value a tool answers. */
export async function valueOf(host: Host, tool: string, args: unknown = {}): Promise<unknown> {
  return decodeResult(outcomeToResult(await host.invoke(tool, args, bareEnvironment())));
}
