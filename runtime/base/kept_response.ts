/**
 * Aborting a request while its answer is read. Deno forgets the request's signal once nobody holds the
 * `Response`, also while somebody still reads its body: aborting does nothing then, and the reader
 * waits for ever.
 *
 * @module
 */

const RESPONSE = Symbol("response");

/**
 * Keeps a response for as long as its body is read by somebody who holds the body, or a reader of it,
 * alone.
 *
 * @returns The same response.
 */
export function keptWithBody(response: Response): Response {
  const { body } = response;
  if (body !== null) Object.defineProperty(body, RESPONSE, { value: response });
  return response;
}
