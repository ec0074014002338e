/**
 * Error answers, in the reference's shape.
 *
 * @module
 */
/**
 * An error answer: `{"error", "timestamp"}`.
 *
 * @param status HTTP status.
 * @param error What happened and, where the caller can do something, what.
 * @param members Further members of the answer, for programs.
 */
export function problem(
  status: number,
  error: string,
  headers?: HeadersInit,
  members: Readonly<Record<string, unknown>> = {},
): Response {
  const body = { error, ...members, timestamp: new Date().toISOString() };
  return Response.json(body, { status, ...(headers && { headers }) });
}

/**
 * The answer to a query or path value that is not of its type; the reference's shape for these
 * has no `error`.
 */
export function badParameter(name: string, text: string): Response {
  return Response.json({ msg: `Invalid format for parameter ${name}: ${text}` }, { status: 400 });
}
