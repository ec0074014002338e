/**
 * The port a module declares for its agent, as far as its text tells. Pure.
 *
 * @module
 */

/** The `port` in a module's `agent({ … })`, `gateway({ … })` or `llmProvider({ … })`. */
export function declaredPort(text: string): number | undefined {
  const call = /\b(?:agent|gateway|llmProvider)\s*\(\s*\{/.exec(text);
  if (call === null) return undefined;
  // What comes after the first nested object may be of something else.
  const [head = ""] = text.slice(call.index + call[0].length).split(/[{[]/, 1);
  const port = /\bport\s*:\s*(\d+)\b/.exec(head)?.[1];
  return port === undefined ? undefined : Number(port);
}
