/**
 * Reading a request's body without trusting its length.
 *
 * @module
 */

/** Largest body accepted, bytes: 4 MiB. */
export const BODY_MAX_BYTES = 4 * 1024 * 1024;

/**
 * The whole body, or `undefined` when it is larger than {@linkcode BODY_MAX_BYTES}; no more than
 * that is ever held, whatever its Content-Length says.
 */
export async function readBody(request: Request): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (Number(request.headers.get("content-length") ?? 0) > BODY_MAX_BYTES) return undefined;
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.length;
    // Leaving the loop cancels the rest of the stream.
    if (size > BODY_MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  const body = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.length;
  }
  return body;
}
