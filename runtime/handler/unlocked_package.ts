/**
 * Packages that agent code imports by a name it puts together at run time. An agent's process loads
 * what its lock file has, and asks no package registry for anything: what a name says would leave the
 * machine.
 *
 * @module
 */
import { errorText } from "../base/errors.ts";

const UNLOCKED =
  /^The lockfile is out of date|--cached-only is specified|^JSR package manifest for .* failed to load/;

/** The places where Deno names the package that was imported, and the scheme that it leaves out. */
const NAMES: readonly (readonly [pattern: RegExp, scheme: string])[] = [
  [/"((?:npm|jsr):[^"]+)"/, ""],
  [/JSR package manifest for '([^']+)'/, "jsr:"],
];

/** Deno looks for all packages at once, and names the first one that its cache has not. */
const MISSED = /npm package (?:not found in cache: )?['"]([^'"]+)['"]/;

/** Returns the words for an import of a package that the lock file has not; `undefined` for any other error. */
export function unlockedPackage(error: unknown): string | undefined {
  const text = errorText(error);
  // Whoever may import nothing of the registry of JSR is refused that before it is looked for.
  if (!UNLOCKED.test(text)) return undefined;
  const name = NAMES.map(([pattern, scheme]) => pattern.exec(text)?.[1]?.replace(/^/, scheme))
    .find((name) => name !== undefined);
  const [, scheme = "npm", bare = "NAME"] = /^(npm|jsr):\/?(.[^@]*)/.exec(name ?? "") ?? [];
  const missed = MISSED.exec(text)?.[1];
  const what = name ?? `a package${missed === undefined ? "" : ` (Deno missed npm:${missed})`}`;
  return `${what} was imported at run time and is not among the packages of this ` +
    `agent; write its name out in the import, or add it with \`deno add ${scheme}:${bare}\`, ` +
    `import it as "${bare}", and start the agent again`;
}
