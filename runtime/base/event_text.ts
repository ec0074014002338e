/**
 * Server-Sent Events (WHATWG HTML §9.2) as they are written.
 *
 * @module
 */

/** The headers of a stream of events: nobody in between is to keep it or to hold it back. */
export const EVENT_STREAM_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
};

/** Between comments that keep the connection open while nothing is sent, in milliseconds. */
export const KEEP_ALIVE_MS = 15_000;

/** What keeps a connection open: a comment, which readers skip. */
export const KEEP_ALIVE_TEXT = ": keepalive\n\n";

/** One event. */
export interface EventFields {
  /** Where a reader that comes back goes on. */
  readonly id?: string | undefined;
  /** Its type. @default "message" */
  readonly event?: string | undefined;
  /** Its text; a line of it may end in any way, and is read as ending in `\n`. */
  readonly data: string;
}

const LINE_END = /\r\n|\r|\n/g;

/**
 * An event as text. Joining the lines that a reader takes out of it gives the data again.
 *
 * @throws {RangeError} When the id or the type has a line end, which would end it.
 */
export function eventText({ id, event, data }: EventFields): string {
  const lines = data.includes("\n") || data.includes("\r")
    ? data.replace(LINE_END, "\ndata: ")
    : data;
  return `${field("id", id)}${field("event", event)}data: ${lines}\n\n`;
}

/** A JSON-RPC message as an event of MCP's streamable HTTP. */
export function messageEvent(message: string): string {
  return eventText({ event: "message", data: message });
}

function field(name: "id" | "event", value: string | undefined): string {
  if (value === undefined) return "";
  if (/[\r\n\0]/.test(value)) {
    throw new RangeError(
      `the ${name} of an event cannot be ${JSON.stringify(value)}: it ends a line`,
    );
  }
  return `${name}: ${value}\n`;
}
