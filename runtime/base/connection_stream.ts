/**
 * A connection as the stream that `node:http` takes.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { ServerResponse } from "node:http";
import { Duplex } from "node:stream";

/** Most bytes read at once. */
const READ_BYTES = 64 * 1024;

/** The two directions of a connection, and what `node:http` asks of a socket beside them. */
export class ConnectionStream extends Duplex {
  /** The address at the other end. */
  readonly remoteAddress: string;
  /** The answers to its requests that are not sent whole. */
  readonly answers = new Set<ServerResponse>();
  /** There is no TLS on it. */
  readonly encrypted = false;
  readonly #connection: Deno.TcpConn;
  readonly #buffer = new Uint8Array(READ_BYTES);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param connection Belongs to the stream, which closes it. */
  constructor(connection: Deno.TcpConn) {
    super({ allowHalfOpen: true });
    this.#connection = connection;
    this.remoteAddress = connection.remoteAddr.hostname;
    // Small answers are not held back until more follows.
    connection.setNoDelay();
  }

  override _read(): void {
    this.#connection.read(this.#buffer).then(
      (count) => this.push(count === null ? null : this.#buffer.slice(0, count)),
      (error) => this.destroy(error),
    );
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    this.#write(chunk).then(() => done(), done);
  }

  /** A head and what there is of its body go out together. */
  override _writev(
    parts: readonly { readonly chunk: Uint8Array }[],
    done: (error?: Error) => void,
  ): void {
    this._write(Buffer.concat(parts.map(({ chunk }) => chunk)), "", done);
  }

  override _final(done: () => void): void {
    // Fails when the other end is gone, which reading tells as well.
    this.#connection.closeWrite().then(() => done(), () => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#timer);
    try {
      this.#connection.close();
    } catch {
      // It is closed already.
    }
    done(error);
  }

  /** Ends it once everything is written. */
  destroySoon(): void {
    if (this.writableFinished) return void this.destroy();
    this.once("finish", () => this.destroy());
    this.end();
  }

  /** Emits `timeout` after a while, unless it is called again before; 0 calls it off. */
  setTimeout(ms: number): this {
    clearTimeout(this.#timer);
    if (ms > 0) this.#timer = setTimeout(() => this.emit("timeout"), ms);
    return this;
  }

  async #write(chunk: Uint8Array): Promise<void> {
    for (let sent = 0; sent < chunk.length;) {
      sent += await this.#connection.write(chunk.subarray(sent));
    }
  }
}
