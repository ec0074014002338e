/**
 * A compiled program runs by itself, but agents are run by the installed `deno`, which cannot see
 * into it: what they import is unpacked for them.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { homeFolder, processEnvironment } from "../settings/config.ts";
import { runtimeLocation } from "../settings/runtime_location.ts";
import { whenPossible } from "./possible.ts";
import { provideRelease } from "./release.ts";

/** Unpacks the runtime that the running program carries, at its first run. */
export function unpackForAgents(): void {
  whenPossible(() => {
    const { archive, root } = runtimeLocation(homeFolder(processEnvironment(), Deno.cwd()));
    if (archive !== undefined) provideRelease(basename(root), () => readFileSync(archive));
  });
}
