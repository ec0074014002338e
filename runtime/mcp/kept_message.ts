/**
 * Messages that say something which is kept after they are answered: who begins a session, and what is
 * subscribed to. A client may leave them there for as long as it likes, so that they are small.
 *
 * @module
 */

/** Longest message that is kept, in characters. */
export const KEPT_MESSAGE_MAX = 64 * 1024;

const METHODS: ReadonlySet<unknown> = new Set([
  "initialize",
  "resources/subscribe",
  "subscriptions/listen",
]);

/**
 * Returns whether a message, or one of a batch, would be kept and is longer than
 * {@linkcode KEPT_MESSAGE_MAX}.
 */
export function isTooLongToKeep(text: string): boolean {
  if (text.length <= KEPT_MESSAGE_MAX) return false;
  try {
    const said: unknown = JSON.parse(text);
    const messages: readonly unknown[] = Array.isArray(said) ? said : [said];
    return messages.some((message) => METHODS.has(Object(message).method));
  } catch {
    return false;
  }
}
