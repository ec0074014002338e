/**
 * What a client of a gateway is told when something is wrong: problem documents (RFC 9457). They say
 * what people outside may know; the gateway's log says the rest.
 *
 * @module
 */
// @ts-types="./std/http.d.ts"
import { STATUS_TEXT } from "@std/http/status";
import { detailOf } from "./error_details.ts";
import { MeshError, type MeshErrorCode } from "./errors.ts";
import { type HeaderList, responseOf, type ResponseParts } from "./parts.ts";

/** What is wrong. */
export interface Problem {
  readonly status: number;
  /** One sentence for people. */
  readonly detail: string;
  /** What kind of failure it is, for programs: a code of {@linkcode MeshError}, or `internal`. */
  readonly error?: string;
  /** The capability that it is about. */
  readonly capability?: string;
  /** Of a dependency that failed, whether its call may have had its effect. */
  readonly may_have_run?: boolean;
  /** What is wrong with which field. */
  readonly issues?: readonly unknown[];
  /** Further headers of the answer. */
  readonly headers?: HeaderList;
}

const INTERNAL: Problem = {
  status: 500,
  detail: "this request failed; the log of the gateway says why",
  error: "internal",
};
const RETRY_LATER: HeaderList = [["retry-after", "1"]];

/** A problem as an answer. */
export function problemParts({ status, headers = [], ...members }: Problem): ResponseParts {
  return {
    head: { status, headers: [["content-type", "application/problem+json"], ...headers] },
    body: JSON.stringify({ title: STATUS_TEXT[status], status, ...members }),
  };
}

/** A problem as a response. */
export function problemResponse(problem: Problem): Response {
  const { head, body = null } = problemParts(problem);
  return responseOf(head, body);
}

/** The statuses of failures that a handler puts into words for its clients; of others it says nothing. */
const OWN: { readonly [code in MeshErrorCode]?: number } = {
  bad_input: 400,
  not_found: 404,
  superseded: 409,
  // The gateway stopped and did not wait for the request any longer.
  interrupted: 500,
  dependency_unavailable: 503,
  overloaded: 503,
  timeout: 504,
  stream_stalled: 504,
};

const FAILED: [status: number, says: string] = [502, "failed"];
/**
 * What is said of a dependency that failed: which one, and of what kind the failure is. Its own words
 * are for those who called it, and may name whatever is behind it; they are in the gateway's log.
 */
const OF_DEPENDENCY: { readonly [code in MeshErrorCode]?: [status: number, says: string] } = {
  bad_input: [502, "did not take what it was asked"],
  not_found: [502, "does not have what it was asked for"],
  tool_failed: FAILED,
  bad_output: FAILED,
  protocol: FAILED,
  permission_denied: FAILED,
  host_crashed: FAILED,
  llm_upstream: [502, "got no answer of its language model"],
  llm_refused: [502, "was refused an answer by its language model"],
  llm_limit: [502, "came to a limit of its language model before it had an answer"],
  llm_invalid: [502, "got an answer of its language model that does not fit"],
  unreachable: [502, "cannot be reached"],
  interrupted: [502, "was lost in the middle of its answer"],
  superseded: [409, "says that somebody else has taken this over"],
  dependency_unavailable: [503, "lacks something that it depends on"],
  overloaded: [503, "has too much to do"],
  timeout: [504, "did not answer in time"],
  // A handler gave its own call up, which it does when it takes too long.
  cancelled: [504, "did not answer in time"],
  stream_stalled: [504, "stopped in the middle of its answer"],
};

/** What a client is told of a failure. */
export function problemOf(error: MeshError): Problem {
  const { code, dependency } = error;
  if (dependency !== undefined) return dependencyProblem(error, dependency);
  const capability = detailOf(error, "capability");
  return code === "dependency_unavailable" && capability !== undefined
    ? { status: 503, detail: `${capability} is not available`, error: code, capability }
    : ownProblem(error);
}

function ownProblem(error: MeshError): Problem {
  const { code, message: detail } = error;
  const status = OWN[code];
  if (status === undefined) return INTERNAL;
  return { status, detail, error: code, ...particulars(error), ...retry(code) };
}

function dependencyProblem({ code, nothingRan }: MeshError, capability: string): Problem {
  // A tool that says so after it has begun has failed; whoever comes again would have it run twice.
  const isTurnedAway = code !== "overloaded" || nothingRan;
  const [status, says] = isTurnedAway ? OF_DEPENDENCY[code] ?? FAILED : FAILED;
  return {
    status,
    detail: `${capability} ${says}`,
    error: code,
    capability,
    may_have_run: !nothingRan,
    ...(isTurnedAway ? retry(code) : {}),
  };
}

function retry(code: MeshErrorCode): Pick<Problem, "headers"> {
  return code === "overloaded" ? { headers: RETRY_LATER } : {};
}

/** Returns the details that people outside may know. */
function particulars(error: MeshError): Pick<Problem, "capability" | "issues"> {
  const capability = detailOf(error, "capability");
  const issues = detailOf(error, "issues");
  return {
    ...(capability === undefined ? {} : { capability }),
    ...(issues === undefined ? {} : { issues }),
  };
}
