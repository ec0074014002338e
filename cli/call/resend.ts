/**
 * Sends a call again that was refused before anything ran; see `runtime/base/resend.ts`.
 *
 * @module
 */
import { isObject } from "../../runtime/base/json.ts";
import { failureIn } from "../../runtime/base/failure.ts";
import {
  type CallFailure,
  resendOf,
  resendPauseMs,
  ROUNDS_MAX,
} from "../../runtime/base/resend.ts";
import type { Context } from "../app/context.ts";
import { LostCall } from "../mesh/mcp_request.ts";
import type { CallAnswer } from "./answer_view.ts";

/** One call, and the way to send it again. */
export interface ResendOptions<Route> {
  readonly route: Route;
  /** Sends the call over a route. */
  send(route: Route): Promise<CallAnswer>;
  /** Finds the way to the tool as it is now; `undefined` when there is none. */
  again(): Promise<Route | undefined>;
  readonly sleep: Context["sleep"];
  /** Ends the waits in between. */
  readonly signal: AbortSignal;
}

/**
 * Sends a call, and again while it is refused at the door.
 *
 * @throws {CliError} As `send`.
 */
export async function sendCall<Route>(options: ResendOptions<Route>): Promise<CallAnswer> {
  let { route } = options;
  for (let round = 1;; round++) {
    const attempt = await attempted(options.send(route));
    const failure = failureOf(attempt);
    const mayGo = failure !== undefined && resendOf(failure) === "elsewhere";
    if (!mayGo || round === ROUNDS_MAX) return settled(attempt);
    await options.sleep(resendPauseMs(round), options.signal);
    const next = options.signal.aborted ? undefined : await options.again();
    if (next === undefined) return settled(attempt);
    route = next;
  }
}

type Attempt = { readonly answer: CallAnswer } | { readonly error: LostCall };

async function attempted(sent: Promise<CallAnswer>): Promise<Attempt> {
  try {
    return { answer: await sent };
  } catch (error) {
    if (error instanceof LostCall) return { error };
    throw error;
  }
}

function settled(attempt: Attempt): CallAnswer {
  if ("error" in attempt) throw attempt.error;
  return attempt.answer;
}

function failureOf(attempt: Attempt): CallFailure | undefined {
  if ("error" in attempt) return attempt.error.failure;
  const { answer } = attempt.answer;
  const said = answer.kind === "error" ? answer.error.data : answer.result["_meta"];
  if (!isObject(said)) return undefined;
  const failure = failureIn(said, "");
  return failure && { code: failure.code, nothingRan: failure.nothingRan === true };
}
