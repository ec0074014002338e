/**
 * What a module declares of its agent, as far as its text tells. Pure.
 *
 * @module
 */

/** The `port` in a module's `agent({ … })`, `gateway({ … })` or `llmProvider({ … })`. */
export function declaredPort(text: string): number | undefined {
  const port = /\bport\s*:\s*(\d+)\b/.exec(head(text, "agent|gateway|llmProvider"))?.[1];
  return port === undefined ? undefined : Number(port);
}

/**
 * The `model` in a module's `llmProvider({ … })`, when that and the environment are all that decides
 * where the model is.
 */
export function declaredModel(text: string): string | undefined {
  if (/\b(?:models|baseUrl|keyVariable|engine|env)\s*[:,]/.test(text)) return undefined;
  return /\bmodel\s*:\s*["'`]([^"'`$]+)["'`]/.exec(head(text, "llmProvider"))?.[1];
}

/** What a call is given before the first nested object, which may be of something else. */
function head(text: string, functions: string): string {
  const call = new RegExp(`\\b(?:${functions})\\s*\\(\\s*\\{`).exec(text);
  if (call === null) return "";
  return text.slice(call.index + call[0].length).split(/[{[]/, 1)[0] ?? "";
}
