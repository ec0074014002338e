/**
 * What a command is: its name, its options as a table, and what it does. Parsing, help text and
 * usage errors all come from this one definition.
 *
 * @module
 */
import { parseArguments } from "./arguments.ts";
import type { Context } from "./context.ts";
import { EXIT, type ExitCode } from "../base/exit.ts";
import { commandHelp, helpPlace } from "./help.ts";
import type { CommandDescription, OptionTable, ParsedArguments } from "./option.ts";

/** A command as its file writes it. */
export interface CommandDefinition<T extends OptionTable> extends CommandDescription {
  options: T;
  /**
   * Does it.
   *
   * @throws {CliError} with the exit code and what to do.
   */
  run(context: Context, parsed: ParsedArguments<T>): Promise<ExitCode>;
}

/** A command, whatever its options are. */
export interface Command extends CommandDescription {
  /**
   * Parses the arguments that follow the command's name and runs it; prints its help instead when
   * they ask for that.
   */
  execute(context: Context, args: string[]): Promise<ExitCode>;
  /** Commands below it, when it is a group such as `registry`; their names begin with its own. */
  commands?: Command[];
}

/** Makes a command of its definition; `run` sees options typed by the table. */
export function defineCommand<const T extends OptionTable>(
  definition: CommandDefinition<T>,
): Command {
  const { run, ...description } = definition;
  return {
    ...description,
    execute: async (context, args) => {
      const parsed = parseArguments(definition, args, context.program);
      if (parsed.help) {
        context.stdout.write(commandHelp(definition, helpPlace(context)));
        return EXIT.ok;
      }
      return await run(context, parsed);
    },
  };
}
