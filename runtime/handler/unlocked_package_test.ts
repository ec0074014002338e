import { equal } from "node:assert/strict";
import { unlockedPackage } from "./unlocked_package.ts";

const NOT_CACHED = "--cached-only is specified.";
const said: [error: string, name: string, added: string][] = [
  [
    'The lockfile is out of date. Run `deno install`\nchanges:\n + "npm:ms@2.1.3"',
    "npm:ms@2.1.3",
    "npm:ms",
  ],
  [
    'Failed loading https://registry.npmjs.org/left-pad for package "left-pad"\n' +
    `    0: npm package not found in cache: "left-pad", ${NOT_CACHED}`,
    "a package (Deno missed npm:left-pad)",
    "npm:NAME",
  ],
  [
    `npm package '@scope/name' is not there, ${NOT_CACHED}`,
    "a package (Deno missed npm:@scope/name)",
    "npm:NAME",
  ],
  [
    "JSR package manifest for '@std/path' failed to load. Requires import access to " +
    '"jsr.io:443", run again with the --allow-import flag',
    "jsr:@std/path",
    "jsr:@std/path",
  ],
  [
    `JSR package manifest for '@std/path' failed to load. not in the cache, ${NOT_CACHED}`,
    "jsr:@std/path",
    "jsr:@std/path",
  ],
];
for (const [error, name, added] of said) {
  Deno.test(`unlockedPackage() names ${name}: ${error.slice(0, 40)}`, () => {
    equal(
      unlockedPackage(new TypeError(error)),
      `${name} was imported at run time and is not among the packages of this agent; write its name ` +
        `out in the import, or add it with \`deno add ${added}\`, import it as ` +
        `"${added.slice(4)}", and start the agent again`,
    );
  });
}

Deno.test("unlockedPackage() says nothing about other errors", () => {
  const others = ['Requires read access to "/etc/passwd"', "the tool read: --cached-only"];
  for (const text of others) equal(unlockedPackage(new Error(text)), undefined, text);
});
