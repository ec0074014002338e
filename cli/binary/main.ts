/**
 * The entry of the bundled program: says what is missing before anything is loaded that needs it.
 *
 * @module
 */
import { whenPossible } from "./possible.ts";

whenPossible(() => undefined);
if (Deno.build.standalone) (await import("./compiled.ts")).unpackForAgents();
const { main } = await import("../main.ts");
Deno.exit(await main(Deno.args));
