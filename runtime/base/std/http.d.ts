/**
 * Types of the modules of `@std/http` in use: the npm registry has them as JavaScript.
 *
 * @module
 */

/** Returns an entity tag (RFC 9110 §8.8.3) of a text or of bytes. */
export function eTag(
  entity: string | Uint8Array<ArrayBuffer>,
  options?: { weak?: boolean },
): Promise<string>;

/** Returns `false` where an `If-None-Match` header has a tag: the client holds what it asks for. */
export function ifNoneMatch(value: string | null, etag: string | undefined): boolean;

/** The reason phrases of HTTP statuses. */
export const STATUS_TEXT: Readonly<Record<number, string>>;

/** One event, as it is written. */
export interface ServerSentEventMessage {
  comment?: string;
  event?: string;
  data?: string;
  id?: string | number;
  retry?: number;
}

/** One event, as it is read. */
export interface ServerSentEventParsedMessage extends ServerSentEventMessage {
  id?: string;
}

/** Writes Server-Sent Events. */
export class ServerSentEventStream
  extends TransformStream<ServerSentEventMessage, Uint8Array<ArrayBuffer>> {}

/** Reads Server-Sent Events. */
export class ServerSentEventParseStream
  extends TransformStream<Uint8Array<ArrayBuffer>, ServerSentEventParsedMessage> {
  constructor(options?: { ignoreComments?: boolean });
}
