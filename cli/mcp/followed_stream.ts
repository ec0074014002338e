/**
 * An event stream of a registry that is opened again whenever it ends.
 *
 * @module
 */
import { isEventStream } from "../../runtime/base/media_range.ts";
import { backoffMs } from "../../runtime/base/backoff.ts";
import { readEvents } from "../../runtime/base/sse.ts";

/** What {@linkcode followStream} needs. */
export interface FollowedStream {
  /** Opens it. */
  open(): Promise<Response>;
  /** Takes a message; `again` when the stream was opened again since the beginning. */
  onMessage(text: string, again: boolean): void;
  /** The stream is open again: something may have been missed. */
  onReturn(): void;
  /**
   * It is refused at the first try.
   *
   * @returns Whether to go on trying.
   */
  onRefusal(response: Response): Promise<boolean>;
  /** Takes one line about how the connection goes. */
  notice(line: string): void;
  /** Settles after so many milliseconds, or as soon as the signal aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** First and longest wait before it is opened again, milliseconds. */
const WAIT = { firstMs: 250, longestMs: 5_000 };

/** Follows a stream until the signal aborts or it is refused for good. Never throws. */
export async function followStream(stream: FollowedStream): Promise<void> {
  const { signal } = stream;
  let failures = 0;
  let connections = 0;
  let isAway = false;
  while (!signal.aborted) {
    try {
      const response = await stream.open();
      if (isStream(response)) {
        connections += 1;
        failures = 0;
        if (isAway) stream.notice("The registry is back.");
        isAway = false;
        if (connections > 1) stream.onReturn();
        for await (const { data } of readEvents(response.body)) {
          stream.onMessage(data, connections > 1);
        }
      } else if (connections === 0 && !await stream.onRefusal(response)) return;
      else await response.body?.cancel();
    } catch {
      // A registry that is gone is waited for.
    }
    if (signal.aborted) return;
    if (!isAway && connections > 0) stream.notice("The registry went away; waiting for it.");
    isAway = connections > 0;
    failures += 1;
    await stream.sleep(backoffMs(WAIT, failures), signal);
  }
}

type StreamResponse = Response & { readonly body: ReadableStream<Uint8Array<ArrayBuffer>> };

function isStream(response: Response): response is StreamResponse {
  const type = response.headers.get("content-type");
  return response.ok && response.body !== null && isEventStream(type);
}
