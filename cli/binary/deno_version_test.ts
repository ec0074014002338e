import { equal, match } from "node:assert/strict";
import { denoProblem } from "./deno_version.ts";

const VERSIONS: [version: string, isGood: boolean][] = [
  ["2.9.0", true],
  ["2.9.6", true],
  ["2.10.0", true],
  ["3.0.0-rc.1", true],
  ["2.8.9", false],
  ["1.46.3", false],
];

Deno.test("denoProblem() takes 2.9 and newer; of others it says what there is and what to do", () => {
  for (const [version, isGood] of VERSIONS) {
    const problem = denoProblem(version);
    if (isGood) equal(problem, undefined, version);
    else match(problem ?? "", new RegExp(`2\\.9\\.0 or newer.* is ${version}\n.*deno upgrade`));
  }
});
