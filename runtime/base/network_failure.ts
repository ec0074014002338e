/**
 * What a request over the network failed with.
 *
 * @module
 */

/** The texts of an error and its causes; Deno puts the particulars of a failed fetch in the cause. */
export function causeTexts(error: unknown): string {
  const texts: string[] = [];
  for (let at = error; at !== undefined; at = at instanceof Error ? at.cause : undefined) {
    texts.push(at instanceof Error ? at.message : String(at));
  }
  return texts.join(": ");
}

/** Whether a failed fetch never got as far as sending its request, so that nothing can have run. */
export function wasNothingSent(error: unknown): boolean {
  // Deno names the phase a request failed in; only before the connection stood was nothing sent. Some
  // ports it never connects to (Fetch standard, "bad port").
  return /\(Connect\)|dns error|Requests to port \d+ are blocked/.test(causeTexts(error));
}
