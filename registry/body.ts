/**
 * Reading a request's body without trusting its length.
 *
 * @module
 */

/** Largest body accepted, bytes: 4 MiB. */
export const BODY_MAX_BYTES = 4 * 1024 * 1024;

/**
 * The whole body, or `undefined` when it is larger than allowed. A body that does not say its length
 * is counted while it comes, and no more than the limit is held.
 *
 * @param max Bytes.
 */
export async function readBody(
  request: Request,
  max: number = BODY_MAX_BYTES,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const length = request.headers.get("content-length");
  if (length === null) return await counted(request.body, max);
  if (Number(length) > max) return undefined;
  // HTTP servers hold a body to its declared length; reading it at once is several times faster.
  const body = await request.bytes();
  return body.length > max ? undefined : body;
}

async function counted(
  stream: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  max: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of stream ?? []) {
    size += chunk.length;
    // Leaving the loop cancels the rest of the stream.
    if (size > max) return undefined;
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
