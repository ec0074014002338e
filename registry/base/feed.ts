/**
 * Sending what the database has to a stream, as it comes: looks after every change of the directory
 * and never sends faster than the client reads.
 *
 * @module
 */
import type { Channel, Message } from "./streams.ts";

/** What {@linkcode feed} needs. */
export interface FeedOptions {
  channel: Channel;
  /** Calls back at every change of the directory, until what it returns is called. */
  onAdvance: (listener: () => void) => () => void;
  /**
   * What is new since the last call; `undefined` when nothing is. Each message is asked for when the
   * client has read those before it.
   */
  next: () => Promise<Iterable<Message> | undefined>;
}

/** Feeds a channel until it is closed. */
export async function feed({ channel, onAdvance, next }: FeedOptions): Promise<void> {
  let news = Promise.withResolvers<void>();
  const wake = () => news.resolve();
  const stopListening = onAdvance(wake);
  channel.closed.addEventListener("abort", wake, { once: true });
  try {
    while (!channel.closed.aborted) {
      // Before looking: what comes while looking is looked for once more.
      news = Promise.withResolvers();
      const messages = await next();
      if (messages === undefined) {
        if (!channel.closed.aborted) await news.promise;
        continue;
      }
      for (const message of messages) {
        await channel.ready();
        channel.send(message);
      }
    }
  } finally {
    stopListening();
    channel.closed.removeEventListener("abort", wake);
    channel.close();
  }
}
