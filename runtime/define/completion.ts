/**
 * Completion: what to suggest while a person fills in an argument of a prompt or a variable of a
 * resource (MCP `completion/complete`).
 *
 * @module
 */

/**
 * Suggests values that go on from what was typed.
 *
 * @param value What was typed so far.
 * @param others The other arguments, as far as they are known.
 */
export type Complete = (
  value: string,
  others: Readonly<Record<string, string>>,
) => readonly string[] | Promise<readonly string[]>;

/** Suggestions by the name of the argument. */
export type Completions = Readonly<Record<string, Complete>>;

/** What a completion is asked for. */
export interface CompletionRequest {
  readonly argument: string;
  readonly value: string;
  readonly others: Readonly<Record<string, string>>;
}

/** Declared suggestions without the ones left out. */
export function completions(
  declared: { readonly [name: string]: Complete | undefined } = {},
): Completions {
  return Object.fromEntries(
    Object.entries(declared).flatMap(([name, complete]) => complete ? [[name, complete]] : []),
  );
}
