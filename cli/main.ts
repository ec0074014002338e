#!/usr/bin/env -S deno run --no-prompt --allow-net --allow-env --allow-read --allow-write --allow-run --allow-sys
/**
 * The program `meshctl`.
 *
 * @module
 */
import { VERSION } from "../registry/base/version.ts";
import type { Context } from "./app/context.ts";
import { CliError, EXIT } from "./base/exit.ts";

/** Runs a command line; returns its exit code. */
export async function main(args: string[]): Promise<number> {
  // Scripts ask for it before anything else: nothing is loaded to answer.
  if (args[0] === "--version" || args[0] === "-v") {
    console.log(`meshctl version v${VERSION}`);
    return EXIT.ok;
  }
  const [{ systemContext }, { dispatch }] = await Promise.all([
    import("./app/context.ts"),
    import("./app/dispatch.ts"),
  ]);
  let context: Context;
  try {
    context = systemContext();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    console.error(`Error: ${[error.message, error.hint].filter(Boolean).join("\n")}`);
    return error.code;
  }
  return await dispatch(args, context);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
