/** Every type in a signature of the public modules can be imported. */
import { deepEqual, ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { processTest } from "./fixtures/process_tests.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Types of zod: `deno doc` does not look into packages. */
const OF_ZOD = ["ZodObject", "ZodType", "input", "output"];
/** Values behind `typeof X`: the types that use them are complete without them. */
const VALUES = [
  "ALL",
  "ChatToolCallSchema",
  "ChatToolSchema",
  "FINISH_REASONS",
  "KEY",
  "METHODS",
  "ModelParamsSchema",
  "RESERVED",
  "RETRYABLE",
  "UnresolvedSchema",
];
/** Types in signatures of `mesh/testing` that `mesh` exports. */
const OF_MESH = ["RunningMember", "Servable"];

const modules: [name: string, file: string, elsewhere: string[]][] = [
  ["mesh", "runtime/mod.ts", [...OF_ZOD, ...VALUES]],
  ["mesh/testing", "runtime/testing/mod.ts", [...OF_ZOD, ...OF_MESH, ...VALUES]],
];
for (const [name, file, elsewhere] of modules) {
  processTest(`every type that a signature of "${name}" mentions is exported`, async () => {
    const { stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["doc", "--lint", file],
      cwd: ROOT,
    }).output();
    const text = stripVTControlCharacters(new TextDecoder().decode(stderr));
    const mentions = [...text.matchAll(/public type '(.+)' references private type '(\w+)'/g)]
      .map(([, by = "", type = ""]) => ({ by, type }));
    ok(mentions.some(({ type }) => OF_ZOD.includes(type)), "deno doc has looked");
    deepEqual(mentions.filter(({ type }) => !elsewhere.includes(type)), []);
  });
}
