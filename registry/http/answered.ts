/**
 * Answers whose status the type checker knows, so that a route gives no answer it does not declare.
 *
 * @module
 */

/** An answer with one of these statuses. */
export type Answered<Status extends number> = Response & { readonly status: Status };

/** Returns an answer with a body, or with none. */
export function answered<const Status extends number>(
  status: Status,
  body: BodyInit | null = null,
  headers?: HeadersInit,
): Answered<Status> {
  // A response has the status that it is made with, which its own type does not say.
  return new Response(body, { status, ...(headers && { headers }) }) as Answered<Status>;
}

/** Returns an answer in JSON. */
export function answeredJson<const Status extends number>(
  status: Status,
  value: unknown,
  headers?: HeadersInit,
): Answered<Status> {
  // As above.
  return Response.json(value, { status, ...(headers && { headers }) }) as Answered<Status>;
}

/**
 * Returns a response that something else has made, such as a stream or an agent, as an answer of a
 * route, which describes it as 200 whatever its status.
 */
export function madeElsewhere(response: Response): Answered<200> {
  // See above: the description stands for every status here.
  return response as Answered<200>;
}
