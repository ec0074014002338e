/**
 * Which Deno this program runs with.
 *
 * @module
 */

/** The oldest release that has all that is used here. */
export const OLDEST_DENO = "2.9.0";

/** What is wrong with a version of Deno and what to do, or `undefined`. */
export function denoProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_DENO.split(".").map(Number);
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined;
  return `meshctl needs Deno ${OLDEST_DENO} or newer, and the \`deno\` on PATH is ${version}\n` +
    `Bring it up to date: \`deno upgrade\`, or \`npm install -g deno\`.`;
}
