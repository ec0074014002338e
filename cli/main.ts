#!/usr/bin/env -S deno run --no-prompt --allow-net --allow-env --allow-read --allow-write --allow-run --allow-sys
/**
 * The program `meshctl`.
 *
 * @module
 */
import { type Context, systemContext } from "./context.ts";
import { dispatch } from "./dispatch.ts";
import { CliError } from "./exit.ts";

/** Runs a command line; returns its exit code. */
export async function main(args: string[]): Promise<number> {
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
