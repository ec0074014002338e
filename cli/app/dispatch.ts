/**
 * From a command line to an exit code: finds the command, runs it, and shows what went wrong.
 *
 * @module
 */
import { isMeshError } from "../../runtime/base/errors.ts";
import { insteadOfCommand } from "./renamed_options.ts";
import { subcommand } from "./command_group.ts";
import { loadCommand } from "./commands.ts";
import type { Context, Output } from "./context.ts";
import { CliError, EXIT, type ExitCode, usageError } from "../base/exit.ts";
import { helpPlace, overallHelp } from "./help.ts";
import { COMMAND_NAMES } from "./summaries.ts";
import { systemProblem } from "../base/system_problem.ts";
import { didYouMean } from "../../runtime/base/suggest.ts";

/**
 * Runs a command line. Never throws for what a user can cause.
 *
 * @param args Everything after the program's name.
 */
export async function dispatch(args: string[], context: Context): Promise<ExitCode> {
  try {
    return await run(args, context);
  } catch (error) {
    // The reader of a pipe went away, as `head` does: nobody is left to tell.
    if (error instanceof Deno.errors.BrokenPipe) return EXIT.ok;
    return showError(error, context.stderr);
  }
}

async function run([name, ...rest]: string[], context: Context): Promise<ExitCode> {
  const { stdout, program } = context;
  switch (name) {
    case undefined:
    case "--help":
    case "-h":
      stdout.write(overallHelp(COMMAND_NAMES, helpPlace(context)));
      return EXIT.ok;
    case "help":
      return await help(rest, context);
  }
  const command = await loadCommand(name);
  if (command === undefined) throw unknownCommand(name, program);
  return await command.execute(context, rest);
}

async function help([name, ...words]: string[], context: Context): Promise<ExitCode> {
  const { stdout, program } = context;
  if (name === undefined) {
    stdout.write(overallHelp(COMMAND_NAMES, helpPlace(context)));
    return EXIT.ok;
  }
  let command = await loadCommand(name);
  if (command === undefined) throw unknownCommand(name, program);
  for (const word of words) command = subcommand(command, word, program);
  return await command.execute(context, ["--help"]);
}

function unknownCommand(name: string, program: string): CliError {
  const kind = name.startsWith("-") ? "option" : "command";
  const known = kind === "option"
    ? ["--help", "--version"]
    : [...COMMAND_NAMES.map(({ name }) => name), "help"];
  const help = `Run \`${program} help\` for the list.`;
  const near = insteadOfCommand(name) ?? didYouMean(name, known);
  return usageError(`unknown ${kind} "${name}"`, near === undefined ? help : `${near}\n${help}`);
}

/** Shows a failure on standard error and returns the exit code for it. */
export function showError(error: unknown, stderr: Output): ExitCode {
  const label = stderr.palette.paint("red", "Error:");
  if (error instanceof CliError) {
    stderr.write(`${label} ${error.message}\n`);
    if (error.hint !== undefined) stderr.write(`${error.hint}\n`);
    return error.code;
  }
  if (isMeshError(error)) {
    stderr.write(`${label} ${error.message}\n`);
    return EXIT.failure;
  }
  const problem = systemProblem(error);
  if (problem !== undefined) {
    stderr.write(`${label} ${problem.message}\n${problem.advice}\n`);
    return EXIT.failure;
  }
  // A defect of meshctl itself: its author needs the stack.
  const detail = error instanceof Error ? error.stack ?? error.message : String(error);
  stderr.write(`${label} meshctl failed in a way it should not: ${detail}\n`);
  return EXIT.failure;
}
