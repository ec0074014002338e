/**
 * Reading what somebody else answers, no more of it than fits.
 *
 * @module
 */

import { keptWithBody } from "./kept_response.ts";
import { isEventStream } from "./media_range.ts";

/** Longest message of an MCP server that is held in memory: bytes where it is told, else characters. */
export const MESSAGE_MAX = 32 * 1024 * 1024;

/**
 * An answer, no more of it than fits, for a reader that knows no limit: a stream of events that fails at
 * one that is too long, anything else read to its end.
 *
 * @param onTooLong Runs before a stream of events fails.
 * @throws {RangeError} When the answer is too long.
 */
export async function boundedResponse(
  response: Response,
  onTooLong?: () => void,
): Promise<Response> {
  const { body, headers } = response;
  if (body === null) return response;
  if (isEventStream(headers.get("content-type"))) {
    keptWithBody(response);
    return new Response(boundedEvents(body, MESSAGE_MAX, onTooLong), response);
  }
  try {
    return new Response(await boundedText(response), response);
  } catch (error) {
    await response.body?.cancel().catch(() => {});
    throw error;
  }
}

const [LF, CR] = ["\n".charCodeAt(0), "\r".charCodeAt(0)];

/**
 * A stream of Server-Sent Events as it is, until one of them is longer than fits: then it fails with a
 * `RangeError`.
 *
 * @param limit Longest event, in bytes.
 * @param onTooLong Runs before the stream fails.
 */
export function boundedEvents(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  limit: number = MESSAGE_MAX,
  onTooLong?: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let [event, line] = [0, 0];
  /** Whether the line before ended in "\r", so that "\n" belongs to that end. */
  let isHalf = false;
  return body.pipeThrough(
    new TransformStream({
      transform(bytes, controller) {
        for (const byte of bytes) {
          const isEnd = byte === LF || byte === CR;
          if (!isEnd) line++;
          else if (byte === CR || !isHalf) {
            // An empty line ends the event.
            event = line === 0 ? 0 : event + line;
            line = 0;
          }
          isHalf = byte === CR;
        }
        if (event + line > limit) {
          onTooLong?.();
          throw new RangeError(`an event is longer than the ${limit} bytes that fit`);
        }
        controller.enqueue(bytes);
      },
    }),
  );
}

/**
 * The bytes of a response.
 *
 * @throws {RangeError} when there are more than `limit`; the body may not have been read to its end.
 */
export async function boundedBytes(
  response: Response,
  limit: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > limit) throw new RangeError(`more than the ${limit} bytes that fit`);
    chunks.push(chunk);
  }
  return await new Blob(chunks).bytes();
}

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
