/**
 * Frames between a trusted process and the process of an agent's code. A frame is a short head, which
 * is JSON, and a body that is passed on as it is: text or bytes.
 *
 * ```text
 * length of the head (u32, little-endian) | length of the body (u32) | head | body
 * ```
 *
 * @module
 */
import { MeshError } from "../base/errors.ts";

/** The part of a frame before its head, in bytes. */
const PREFIX = 8;
/** Largest head that is read, in bytes: what is long is in the body. */
export const HEAD_MAX: number = 64 * 1024;
/** Largest body that is read, in bytes: more than the largest message, and room around it. */
export const BODY_MAX: number = 64 * 1024 * 1024;
/** Bodies up to this size are written into one piece with the other frames of a batch, in characters. */
const SMALL = 16 * 1024;
/** Pieces are about this large, in bytes. */
const PIECE = 64 * 1024;

/** A frame to write. */
export interface Frame {
  /** JSON text. */
  readonly head: string;
  readonly body?: string | Uint8Array | undefined;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Puts frames together; the pieces are sent one after the other. */
export class FrameWriter {
  #piece = new Uint8Array(PIECE);
  /** Where the part of the piece begins that has not been taken, and where it ends. */
  #from = 0;
  #to = 0;
  #pieces: Uint8Array[] = [];

  /** Writes a frame. */
  write({ head, body = "" }: Frame): void {
    const isSmall = body.length <= SMALL;
    const small = isSmall ? body : "";
    // A character is three bytes at most.
    this.#reserve(PREFIX + head.length * 3 + small.length * 3);
    const start = this.#to;
    const headEnd = this.#put(head, start + PREFIX);
    const end = this.#put(small, headEnd);
    const large = isSmall ? undefined : asBytes(body);
    this.#number(start, headEnd - start - PREFIX);
    this.#number(start + 4, large?.length ?? end - headEnd);
    this.#to = end;
    if (large !== undefined) {
      this.#cut();
      this.#pieces.push(large);
    }
  }

  /** Takes what has been written since the last time. The pieces are not written to again. */
  take(): Uint8Array[] {
    this.#cut();
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  #reserve(length: number): void {
    if (this.#to + length <= this.#piece.length) return;
    this.#cut();
    this.#piece = new Uint8Array(Math.max(PIECE, length));
    this.#from = this.#to = 0;
  }

  #cut(): void {
    if (this.#to === this.#from) return;
    this.#pieces.push(this.#piece.subarray(this.#from, this.#to));
    this.#from = this.#to;
  }

  #put(part: string | Uint8Array, at: number): number {
    if (typeof part === "string") {
      return at + encoder.encodeInto(part, this.#piece.subarray(at)).written;
    }
    this.#piece.set(part, at);
    return at + part.length;
  }

  #number(at: number, value: number): void {
    const piece = this.#piece;
    piece[at] = value;
    piece[at + 1] = value >>> 8;
    piece[at + 2] = value >>> 16;
    piece[at + 3] = value >>> 24;
  }
}

function asBytes(body: string | Uint8Array): Uint8Array {
  return typeof body === "string" ? encoder.encode(body) : body;
}

/** A body that came. */
export class FrameBody {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Length in bytes. */
  get length(): number {
    return this.#bytes.length;
  }

  /** The body as text; what is not UTF-8 in it becomes U+FFFD. */
  text(): string {
    return decoder.decode(this.#bytes);
  }

  /** The body as bytes that are nobody else's. */
  bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes);
  }
}

/** Gets each frame: its head, parsed, and its body, which is to be read before the call returns. */
export type OnFrame = (head: unknown, body: FrameBody) => void;

const EMPTY = new Uint8Array(0);

/** Takes frames apart, however they are cut into pieces on their way. */
export class FrameReader {
  readonly #onFrame: OnFrame;
  readonly #headMax: number;
  /** A frame that has not come whole. */
  #part: Uint8Array = EMPTY;
  /** How much of it is there. */
  #filled = 0;

  /** @param headMax Largest head, in bytes. */
  constructor(onFrame: OnFrame, headMax: number = HEAD_MAX) {
    this.#onFrame = onFrame;
    this.#headMax = headMax;
  }

  /**
   * Takes the next piece.
   *
   * @throws {MeshError} `protocol` when there cannot be a frame; then nothing more can be read.
   */
  push(piece: Uint8Array): void {
    let rest = piece;
    while (this.#filled > 0 && rest.length > 0) rest = this.#complete(rest);
    let at = 0;
    while (rest.length - at >= PREFIX) {
      const end = at + this.#lengthAt(rest, at);
      if (end > rest.length) break;
      this.#read(rest.subarray(at, end));
      at = end;
    }
    if (at < rest.length) this.#begin(rest.subarray(at));
  }

  /** Keeps the beginning of a frame. */
  #begin(piece: Uint8Array): void {
    const length = piece.length < PREFIX ? PREFIX : this.#lengthAt(piece, 0);
    this.#part = new Uint8Array(length);
    this.#part.set(piece);
    this.#filled = piece.length;
  }

  /** Adds to the frame that has begun; returns what is left of the piece. */
  #complete(piece: Uint8Array): Uint8Array {
    const taken = Math.min(piece.length, this.#part.length - this.#filled);
    this.#part.set(piece.subarray(0, taken), this.#filled);
    this.#filled += taken;
    if (this.#filled < this.#part.length) return EMPTY;
    const part = this.#part;
    this.#filled = 0;
    this.#part = EMPTY;
    const length = this.#lengthAt(part, 0);
    if (length > part.length) this.#begin(part);
    else this.#read(part);
    return piece.subarray(taken);
  }

  /** Returns the length of the frame that begins at a place. */
  #lengthAt(bytes: Uint8Array, at: number): number {
    const [head, body] = [numberAt(bytes, at), numberAt(bytes, at + 4)];
    if (head > this.#headMax) throw malformed(`a head of ${head} bytes`);
    if (body > BODY_MAX) throw malformed(`a body of ${body} bytes`);
    return PREFIX + head + body;
  }

  #read(frame: Uint8Array): void {
    const headEnd = PREFIX + numberAt(frame, 0);
    let head: unknown;
    try {
      head = JSON.parse(decoder.decode(frame.subarray(PREFIX, headEnd)));
    } catch {
      throw malformed("a head that is not JSON");
    }
    this.#onFrame(head, new FrameBody(frame.subarray(headEnd)));
  }
}

function numberAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) | (bytes[at + 1] ?? 0) << 8 | (bytes[at + 2] ?? 0) << 16 |
    (bytes[at + 3] ?? 0) << 24) >>> 0;
}

function malformed(text: string): MeshError {
  return new MeshError("protocol", `sent a frame with ${text}`);
}
