/**
 * Descriptions of commands and their options, from which parsing, help and completion are made.
 *
 * @module
 */

/** Where the words of a value come from while somebody types it: these, or whoever knows. */
export type CompletionSource =
  | readonly string[]
  | "agents"
  | "files"
  | "logs"
  | "running"
  | "tools"
  | "traces";

interface OptionBase {
  /** One-letter form, without its dash. */
  short?: string;
  /** One line of help. */
  help: string;
  /** Understood, for scripts of other programs, and in no help. @default {false} */
  hidden?: boolean;
  /** What its value may be. @default files, when the value is called FILE, PATH or FOLDER */
  completes?: CompletionSource;
}

/** An option of a command, by the kind of value it takes. */
export type OptionDefinition =
  & OptionBase
  & (
    | { type: "boolean"; default?: boolean }
    | { type: "string"; value: string }
    /** May be given several times. */
    | { type: "list"; value: string }
    /** A number that is not negative; `bare` is what it is when the line ends without one. */
    | { type: "number"; value: string; default?: number; bare?: number }
    /** `--name` alone is `true`; a value must be attached with `=`. */
    | { type: "optional"; value: string }
  );

/** Options of a command by their long name, without the dashes. */
export type OptionTable = Record<string, OptionDefinition>;

/** What parsing yields for one option. */
export type OptionValue<D extends OptionDefinition> = D extends { type: "boolean" } ? boolean
  : D extends { type: "list" } ? string[]
  : D extends { type: "number"; default: number } ? number
  : D extends { type: "number" } ? number | undefined
  : D extends { type: "optional" } ? string | true | undefined
  : string | undefined;

/** The values of all options of a table. */
export type OptionValues<T extends OptionTable> = {
  -readonly [Name in keyof T]: OptionValue<T[Name]>;
};

/** A command line after parsing. */
export interface ParsedArguments<T extends OptionTable> {
  options: OptionValues<T>;
  positionals: string[];
  /** `--help` was among the arguments. */
  help: boolean;
}

/** A line of a command's help that shows it at work. */
export interface Example {
  line: string;
  note: string;
}

/** Everything the help of a command shows. */
export interface CommandDescription {
  name: string;
  /** One line, for the list of commands. */
  summary: string;
  /** What follows the name on the command line, such as `<tool> [json]`. */
  usage: string;
  /** Paragraphs of help below the usage line. */
  details?: string;
  /** How many positional arguments are allowed. */
  positionals: { min: number; max: number };
  /** What each positional argument may be; the last one goes for all further ones. */
  completes?: readonly CompletionSource[];
  options: OptionTable;
  examples: Example[];
  /** Left out of the list of commands. @default {false} */
  hidden?: boolean;
}
