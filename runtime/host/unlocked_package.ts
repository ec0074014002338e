/**
 * Packages that agent code imports by a name it puts together at run time. An agent's process loads
 * what its lock file has, and asks no package registry for anything: what a name says would leave the
 * machine.
 *
 * @module
 */
import { errorText } from "../errors.ts";

/** What to say about an import of a package that the lock file has not; `undefined` for any other error. */
export function unlockedPackage(error: unknown): string | undefined {
  const text = errorText(error);
  if (!/^The lockfile is out of date|--cached-only is specified/.test(text)) return undefined;
  const name = /"((?:npm|jsr):[^"]+)"/.exec(text)?.[1] ??
    /npm package '([^']+)'/.exec(text)?.[1]?.replace(/^/, "npm:");
  const bare = name?.replace(/^(?:npm|jsr):\/?/, "").replace(/(?<=.)@.*$/, "") ?? "NAME";
  return `${name ?? "a package"} was imported at run time and is not among the packages of this ` +
    `agent; write its name out in the import, or add it with \`deno add npm:${bare}\`, ` +
    `import it as "${bare}", and start the agent again`;
}
