/**
 * Commands under one word, such as `registry drain` and `registry status`.
 *
 * @module
 */
import type { Command } from "./command.ts";
import { type CliError, EXIT, usageError } from "../base/exit.ts";
import { groupHelp, helpPlace } from "./help.ts";
import { didYouMean } from "../../runtime/base/suggest.ts";

/** A group as its file writes it. */
export interface CommandGroupDefinition {
  name: string;
  /** One line, for the list of commands. */
  summary: string;
  /** Paragraphs of help below the usage line. */
  details?: string;
  /** Each with the group's name, a blank and a word of its own as its name. */
  commands: Command[];
}

/** Makes a command that hands on to those below it; alone it prints what there is. */
export function defineCommandGroup({ commands, ...group }: CommandGroupDefinition): Command {
  const command: Command = {
    ...group,
    commands,
    usage: "<command>",
    positionals: { min: 0, max: Infinity },
    options: {},
    examples: [],
    execute: async (context, [word, ...rest]) => {
      if (word === undefined || word === "--help" || word === "-h") {
        context.stdout.write(groupHelp(group, commands, helpPlace(context)));
        return EXIT.ok;
      }
      return await subcommand(command, word, context.program).execute(context, rest);
    },
  };
  return command;
}

/**
 * The command that `word` names below a group.
 *
 * @param program How the user calls `meshctl`; for the advice in errors.
 * @throws {CliError} exit 2 when there is none.
 */
export function subcommand(group: Command, word: string, program: string): Command {
  const commands = group.commands ?? [];
  const found = commands.find(({ name }) => name === `${group.name} ${word}`);
  if (found === undefined) throw unknownSubcommand(group, word, program);
  return found;
}

function unknownSubcommand(group: Command, word: string, program: string): CliError {
  const help = `Run \`${program} help ${group.name}\` for what there is.`;
  const words = (group.commands ?? []).map(({ name }) => name.slice(group.name.length + 1));
  const near = didYouMean(word, words);
  const kind = word.startsWith("-") ? "option" : "command";
  const message = words.length === 0
    ? `${group.name} has no commands of its own, and "${word}" follows it`
    : `unknown ${kind} "${word}" of ${group.name}`;
  return usageError(message, near === undefined ? help : `${near}\n${help}`);
}
