/**
 * What a line of the shell means.
 *
 * @module
 */
import { commandWords } from "../app/command_words.ts";
import { usageError } from "../base/exit.ts";

/** Commands of `meshctl` that a line may begin with. */
export const PASSED_ON = ["call", "list", "status", "why", "audit"] as const;
/** Words of the shell's own. */
export const OWN_WORDS = ["describe", "help", "exit"] as const;

/** A line, understood. */
export type ShellLine =
  | { kind: "nothing" }
  | { kind: "exit" }
  | { kind: "help" }
  /** Another command of `meshctl`, with its arguments. */
  | { kind: "command"; name: typeof PASSED_ON[number]; args: string[] };

/**
 * Reads a line. One that begins with none of the words is a call.
 *
 * @throws {CliError} exit 2 for an open quote, or words that make no sense together.
 */
export function readShellLine(line: string): ShellLine {
  const text = line.trim();
  if (text === "" || text.startsWith("#")) return { kind: "nothing" };
  const words = commandWords(text);
  if (words === undefined) {
    throw usageError("a quote is not closed", "Close it, or put a backslash before it.");
  }
  const [first = "", ...rest] = words;
  switch (first) {
    case "exit":
    case "quit":
      return { kind: "exit" };
    case "help":
    case "?":
      return { kind: "help" };
    case "describe": {
      const [tool, ...surplus] = rest;
      if (tool === undefined || surplus.length > 0) {
        throw usageError("describe takes one tool", "Write it like describe flight_search.");
      }
      return { kind: "command", name: "list", args: [`--tools=${tool}`] };
    }
    case "list": {
      // In a shell the question is what can be called.
      const asksTools = rest.length === 0;
      return { kind: "command", name: "list", args: asksTools ? ["--tools"] : rest };
    }
  }
  const passed = PASSED_ON.find((name) => name === first);
  return passed === undefined
    ? { kind: "command", name: "call", args: words }
    : { kind: "command", name: passed, args: rest };
}

/** What `help` prints. */
export const SHELL_HELP = `\
<tool> [name=value | name:=json | json | @file]...   call a tool, as \`meshctl call\` does
list                    tools that can be called; list --all and others: as \`meshctl list\`
describe <tool>         what a tool takes
status, why, audit      as the commands of these names
call <tool> ...         a tool whose name is one of these words
exit, Ctrl+D            leave; Ctrl+C gives up a call or a line
Tab completes tools, names of arguments and their values. Options of call follow the arguments,
such as --stream or -o json.
`;
