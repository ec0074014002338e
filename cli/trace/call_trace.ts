/**
 * The trace of a call that `meshctl` makes: it begins with an id made here.
 *
 * @module
 */
import { errorText } from "../../runtime/base/errors.ts";
import { newTraceId, unrecordedParent } from "../../runtime/protocol/trace_id.ts";
import type { CompletedTrace } from "../../runtime/protocol/trace_view.ts";
import type { OptionTable } from "../app/option.ts";
import type { Context } from "../app/context.ts";
import { CliError, EXIT, usageError } from "../base/exit.ts";
import type { RegistryClient } from "../mesh/registry_client.ts";
import { lacksEnds, LOOK_EVERY_MS, readTrace } from "./trace_source.ts";
import { traceLines } from "./trace_text.ts";

/** The option of commands that call. */
export const TRACE_OPTION = {
  trace: {
    type: "optional",
    value: "tree",
    help: "Print the id of the call's trace, or with --trace=tree the tree, to standard error",
  },
} as const satisfies OptionTable;

/** A trace that a call begins. */
export interface CallTrace {
  readonly id: string;
  /** What the call carries (W3C Trace Context, and what the reference's agents read). */
  readonly headers: [name: string, value: string][];
  /**
   * Arguments as the agent gets them: those of other runtimes cannot see headers.
   *
   * @param runtime The agent's, where it is known.
   */
  arguments<Args extends object>(args: Args, runtime: string | undefined): Args;
  /** Tells the user, once the call is over. Never throws. */
  tell(context: Context, client: RegistryClient): Promise<void>;
}

/** How often a trace that is on its way is looked for. */
const LOOKS = 20;
/** How often for the other ends of calls, which agents that trace nothing never tell. */
const LOOKS_FOR_ENDS = 8;

/**
 * The trace a call is to begin; `undefined` when none is asked for.
 *
 * @param option The value of {@linkcode TRACE_OPTION}.
 * @throws {CliError} exit 2 for another value than `tree`.
 */
export function callTrace(option: string | true | undefined): CallTrace | undefined {
  if (option === undefined) return undefined;
  if (option !== true && option !== "tree") {
    throw usageError(`--trace is "${option}", and it takes nothing or tree`);
  }
  const id = newTraceId();
  return {
    id,
    headers: [["traceparent", `00-${id}-${unrecordedParent(id)}-01`], ["X-Trace-ID", id]],
    arguments: (args, runtime) =>
      runtime === undefined || runtime === "deno" ? args : { ...args, _trace_id: id },
    tell: async ({ stderr, sleep, program }, client) => {
      stderr.lines([`Trace ID: ${id}`]);
      if (option === true) return stderr.lines([`See it with \`${program} trace ${id}\`.`]);
      try {
        const trace = await wholeTrace(() => readTrace(client, id), sleep);
        const { palette, columns } = stderr;
        stderr.lines(traceLines(trace, { palette, columns }));
      } catch (error) {
        const reason = errorText(error);
        stderr.lines([`${reason}${adviceOn(error, `${program} trace ${id}`)}`]);
      }
    },
  };
}

/** How commands end where a trace may be there later. */
const MAY_COME: ReadonlySet<number> = new Set([EXIT.notFound, EXIT.unreachable]);

/** What can be done about a trace that could not be read. */
function adviceOn(error: unknown, command: string): string {
  const hint = error instanceof CliError && !MAY_COME.has(error.code) ? error.hint : undefined;
  return hint === undefined ? `; try \`${command}\`.` : `. ${hint}`;
}

/** A trace once nothing of it is missing, or what there is of it after a while. */
async function wholeTrace(
  read: () => Promise<CompletedTrace>,
  sleep: Context["sleep"],
): Promise<CompletedTrace> {
  let looksForEnds = 0;
  for (let looks = 1;; looks++) {
    try {
      const trace = await read();
      if (looks >= LOOKS) return trace;
      if (trace.Complete !== false) {
        if (!lacksEnds(trace) || looksForEnds >= LOOKS_FOR_ENDS) return trace;
        looksForEnds += 1;
      }
    } catch (error) {
      const isOnItsWay = error instanceof CliError && error.code === EXIT.notFound;
      if (!isOnItsWay || looks >= LOOKS) throw error;
    }
    await sleep(LOOK_EVERY_MS);
  }
}
