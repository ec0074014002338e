/**
 * Reading what somebody else answers, no more of it than fits.
 *
 * @module
 */

/** Longest message of an MCP server that is held in memory: bytes where it is told, else characters. */
export const MESSAGE_MAX = 32 * 1024 * 1024;

/**
 * The text of a response.
 *
 * @throws {RangeError} when it is longer than `limit`; the body may not have been read to its end.
 */
export async function boundedText(response: Response, limit = MESSAGE_MAX): Promise<string> {
  const { body } = response;
  const length = response.headers.get("content-length");
  if (Number(length) > limit) throw new RangeError(`${length} bytes, and ${limit} fit`);
  // Of a compressed answer that is the length on the wire, which says nothing of what is in it.
  const isKnown = length !== null && !response.headers.has("content-encoding");
  // An answer that says its length is complete: reading it at once is several times faster.
  if (isKnown || body === null) return await response.text();
  const pieces: string[] = [];
  let characters = 0;
  for await (const piece of body.pipeThrough(new TextDecoderStream())) {
    characters += piece.length;
    if (characters > limit) throw new RangeError(`more than the ${limit} characters that fit`);
    pieces.push(piece);
  }
  return pieces.join("");
}
