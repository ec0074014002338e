/**
 * Receiving the bodies of requests: of one no more than whoever answers it takes, and of all that are
 * under way no more than there is room for.
 *
 * @module
 */

/** Longest time a request may take to arrive, in milliseconds. */
export const ARRIVAL_MS = 30_000;

/** There is no body because it is too large. */
export const TOO_LARGE = Symbol("too large");
/** There is no body because too much of others is being received. */
export const NO_ROOM = Symbol("no room");

/** A body that was received; `undefined` when the request has none. */
export type Body = Uint8Array<ArrayBuffer> | undefined;

/** Largest body that is read in one go, in bytes: it is too small to be counted while it arrives. */
const SMALL_MAX = 64 * 1024;
/** Most bytes that other bodies may have brought while one more is received. */
const ROOM_BYTES = 256 * 1024 * 1024;

/** Returns whether a request says that its body is small, so that it may be read in one go. */
export function isSmall({ headers }: Request): boolean {
  const announced = headers.get("content-length");
  return announced !== null && Number(announced) <= SMALL_MAX && !headers.has("transfer-encoding");
}

/** The bodies that one member of the mesh is receiving. */
export class Arrivals {
  readonly #roomBytes: number;
  #heldBytes = 0;

  /** @param roomBytes Most bytes that other bodies may have brought while one more is received. */
  constructor(roomBytes: number = ROOM_BYTES) {
    this.#roomBytes = roomBytes;
  }

  /**
   * Begins to receive the body of a request.
   *
   * @param most Its largest size, in bytes; nothing beyond is kept.
   */
  receive(request: Request, most: number): Arrival {
    return new Arrival(request, most, (bytes, ownBytes) => {
      this.#heldBytes += bytes;
      return this.#heldBytes - ownBytes <= this.#roomBytes;
    });
  }
}

/**
 * Counts bytes that came, or that are no longer held.
 *
 * @param ownBytes All that this body has brought.
 * @returns Whether there is room for them.
 */
type Count = (bytes: number, ownBytes: number) => boolean;

/** A body that is being received. */
export class Arrival {
  /** The body, or why there is none. Rejects when it breaks off, or is given up. */
  readonly body: Promise<Body | typeof TOO_LARGE | typeof NO_ROOM>;
  #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined;
  #isGivenUp = false;

  /** See {@linkcode Arrivals.receive}. */
  constructor(request: Request, most: number, count: Count) {
    this.body = this.#receive(request, most, count);
  }

  /** Receives nothing more: what comes is not kept. */
  giveUp(): void {
    this.#isGivenUp = true;
    this.#cancel();
  }

  #cancel(): void {
    // It may have broken off already.
    void this.#reader?.cancel().catch(() => {});
  }

  async #receive(
    request: Request,
    most: number,
    count: Count,
  ): Promise<Body | typeof TOO_LARGE | typeof NO_ROOM> {
    if (Number(request.headers.get("content-length")) > most) return TOO_LARGE;
    if (isSmall(request)) {
      const body = await request.bytes();
      return body.length > most ? TOO_LARGE : body;
    }
    if (request.body === null) return undefined;
    const reader = this.#reader = request.body.getReader();
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (this.#isGivenUp) throw new Error("the body is no longer waited for");
        if (done) return await new Blob(chunks).bytes();
        length += value.length;
        const hasRoom = count(value.length, length);
        if (length > most) return TOO_LARGE;
        if (!hasRoom) return NO_ROOM;
        chunks.push(value);
      }
    } finally {
      count(-length, 0);
      this.#cancel();
    }
  }
}
