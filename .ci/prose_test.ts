import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { OLD_PROSE } from "./old_prose.ts";
import { proseProblem } from "./prose.ts";

const openings: [comment: string, word: string | undefined][] = [
  ["* Returns the wiring of one agent. ", undefined],
  ["* A request split into plain data. ", undefined],
  ["* Whatever it is. ", undefined],
  ["* Where agents are. ", undefined],
  ["* What a caller takes. ", "What"],
  ["*\n * Those of the names that are set.\n ", "Those"],
  ["* Who asks. ", "Who"],
  ["* Whose an id is. ", "Whose"],
  ["* Where that stands. ", "Where that"],
  [" What is no doc comment. ", undefined],
  ["* Returns a name.\n *\n * What follows is free. ", undefined],
];
for (const [comment, word] of openings) {
  Deno.test(`proseProblem() of ${JSON.stringify(comment)} is ${word ?? "nothing"}`, () => {
    const problem = proseProblem(comment);
    if (word === undefined) assert.equal(problem, undefined);
    else assert.ok(problem?.includes(`"${word}"`), problem ?? "none");
  });
}

Deno.test("the list of files with old comments has no others", async () => {
  for (const file of OLD_PROSE) {
    const text = await Deno.readTextFile(fileURLToPath(new URL(`../${file}`, import.meta.url)));
    const comments = [...text.matchAll(/\/\*([^]*?)\*\//g)].map(([, comment = ""]) => comment);
    assert.ok(comments.some(proseProblem), `${file} reads well; take it off .ci/old_prose.ts`);
  }
});
