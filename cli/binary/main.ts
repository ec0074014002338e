/**
 * The entry of the bundled program: says what is missing before anything is loaded that needs it.
 *
 * @module
 */
import type process from "node:process";
import { whenPossible } from "./possible.ts";

whenPossible(() => undefined);
// Packages in the older format ask for built-in modules by `require`, which a bundle has not.
Object.assign(globalThis, { require: builtInModule });
if (Deno.build.standalone) (await import("./compiled.ts")).unpackForAgents();
const { main } = await import("../main.ts");
Deno.exit(await main(Deno.args));

function builtInModule(name: string): unknown {
  // The global one, for importing it would be felt by every command.
  const { process: node } = globalThis as unknown as { process: typeof process };
  const module = node.getBuiltinModule(name);
  if (module === undefined) throw new Error(`there is no module "${name}" in this program`);
  return module;
}
