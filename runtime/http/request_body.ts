/**
 * Reading the body of a request, as far as it may go.
 *
 * @module
 */

/** Why there is no body: it is too large. */
export const TOO_LARGE = Symbol("too large");

/**
 * The body of a request; `undefined` when it has none.
 *
 * @param most Its largest size, in bytes; nothing beyond is kept.
 * @throws {Error} When it does not arrive.
 */
export async function readBody(
  request: Request,
  most: number,
): Promise<Uint8Array<ArrayBuffer> | undefined | typeof TOO_LARGE> {
  const announced = request.headers.get("content-length");
  if (announced !== null && Number(announced) > most) return TOO_LARGE;
  if (announced !== null && !request.headers.has("transfer-encoding")) {
    const body = await request.bytes();
    return body.length > most ? TOO_LARGE : body;
  }
  return request.body === null ? undefined : await readStream(request.body, most);
}

async function readStream(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  most: number,
): Promise<Uint8Array<ArrayBuffer> | typeof TOO_LARGE> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    // Leaving the loop cancels what is still to come.
    if (length > most) return TOO_LARGE;
    chunks.push(chunk);
  }
  return await new Blob(chunks).bytes();
}
