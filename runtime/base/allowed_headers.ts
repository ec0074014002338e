/**
 * Which headers travel on: exact names and `prefix*`, compared without case.
 *
 * @module
 */

/** An allow-list of header names. */
export interface AllowedHeaders {
  /** Names let through as they are, lower case. */
  readonly names: ReadonlySet<string>;
  /** Beginnings of names let through, lower case. */
  readonly prefixes: readonly string[];
}

/**
 * An allow-list from its written items. A lone `*` is ignored: letting everything through,
 * credentials included, must not be one character away.
 */
export function allowedHeaders(items: readonly string[]): AllowedHeaders {
  const lower = items.map((item) => item.toLowerCase());
  return {
    names: new Set(lower.filter((item) => !item.endsWith("*"))),
    prefixes: lower.filter((item) => item.endsWith("*") && item !== "*")
      .map((item) => item.slice(0, -1)),
  };
}

/** Whether a header may travel on. */
export function allowsHeader(list: AllowedHeaders, name: string): boolean {
  const lower = name.toLowerCase();
  return list.names.has(lower) || list.prefixes.some((prefix) => lower.startsWith(prefix));
}
