/**
 * What can stand where the cursor is on a command line, told by the command definitions alone.
 *
 * @module
 */
import type { Command } from "../app/command.ts";
import type { CompletionSource, OptionDefinition } from "../app/option.ts";
import type { CommandName } from "../app/summaries.ts";

/** A word that fits, and one line on it. */
export interface Candidate {
  value: string;
  note: string;
}

/** What fits at the cursor. */
export interface Wanted {
  /** Words known from the definitions. */
  words: Candidate[];
  /** Words somebody else knows. */
  source: CompletionSource | undefined;
  /** What every word of `source` gets in front of it, such as `--tools=`. */
  before: string;
  /** Options that stand on the line already, with their last value. */
  given: ReadonlyMap<string, string>;
}

/**
 * What fits as the last of `words`.
 *
 * @param words What follows the program's name; the last one is being typed, and may be empty.
 * @param names What can be typed first.
 * @param load The command of such a name; only the one that is typed is loaded.
 */
export async function wantedAt(
  words: readonly string[],
  names: readonly CommandName[],
  load: (name: string) => Promise<Command | undefined>,
): Promise<Wanted> {
  const before = words.slice(0, -1);
  const current = words.at(-1) ?? "";
  const isHelp = before[0] === "help";
  const path = isHelp ? before.slice(1) : before;
  const [name, ...further] = path;
  if (name === undefined) return known(topWords(names, isHelp));
  const top = await load(name);
  if (top === undefined) return known([]);
  const { command, rest } = descend(further, top);
  const below = command.commands;
  if (below !== undefined && rest.length === 0) return known(below.map(lastWord));
  return isHelp || below !== undefined ? known([]) : wantedOf(command, rest, current);
}

function known(words: Candidate[]): Wanted {
  return { words, source: undefined, before: "", given: new Map() };
}

function descend(
  path: readonly string[],
  top: Command,
): { command: Command; rest: readonly string[] } {
  let command = top;
  let depth = 0;
  while (depth < path.length) {
    const next = command.commands?.find((each) => lastWord(each).value === path[depth]);
    if (next === undefined) break;
    command = next;
    depth += 1;
  }
  return { command, rest: path.slice(depth) };
}

function lastWord({ name, summary }: CommandName): Candidate {
  return { value: name.split(" ").at(-1) ?? name, note: summary };
}

function topWords(names: readonly CommandName[], isHelp: boolean): Candidate[] {
  return isHelp ? names.map(lastWord) : [
    ...names.map(lastWord),
    { value: "help", note: "Show the options and examples of a command" },
    { value: "--help", note: "Show help" },
    { value: "--version", note: "Show the version" },
  ];
}

function wantedOf(command: Command, rest: readonly string[], current: string): Wanted {
  const line = readLine(command, rest);
  const { given } = line;
  if (line.open !== undefined) return valueOf(line.open, "", given);
  const attached = /^--([^=]+)=/.exec(current);
  if (!line.optionsEnded && attached !== null) {
    const definition = optionOf(command, attached[1] ?? "");
    return definition === undefined ? known([]) : valueOf(definition, attached[0], given);
  }
  if (!line.optionsEnded && current.startsWith("-")) {
    return { ...known(optionWords(command, given)), given };
  }
  const sources = command.completes ?? [];
  const isSurplus = line.positionals >= command.positionals.max;
  const source = isSurplus ? undefined : sources[line.positionals] ?? (
    command.positionals.max === Infinity ? sources.at(-1) : undefined
  );
  return typeof source === "object"
    ? { ...known(source.map((value) => ({ value, note: "" }))), given }
    : { ...known([]), source, given };
}

function valueOf(
  definition: OptionDefinition,
  before: string,
  given: ReadonlyMap<string, string>,
): Wanted {
  if (definition.type === "boolean") return { ...known([]), given };
  const source = definition.completes ??
    (/^(FILE|PATH|FOLDER)/.test(definition.value) ? "files" : undefined);
  return typeof source === "object"
    ? {
      ...known(source.map((value) => ({ value: before + value, note: "" }))),
      given,
    }
    : { words: [], source, before, given };
}

interface Line {
  positionals: number;
  given: Map<string, string>;
  /** An option whose value is the next word. */
  open: OptionDefinition | undefined;
  /** `--` was seen. */
  optionsEnded: boolean;
}

function readLine(command: Command, words: readonly string[]): Line {
  const line: Line = { positionals: 0, given: new Map(), open: undefined, optionsEnded: false };
  let name = "";
  for (const word of words) {
    if (line.open !== undefined) {
      line.given.set(name, word);
      line.open = undefined;
    } else if (line.optionsEnded || !/^-./.test(word)) {
      line.positionals += 1;
    } else if (word === "--") {
      line.optionsEnded = true;
    } else {
      const equals = word.indexOf("=");
      const typed = equals < 0 ? word : word.slice(0, equals);
      name = longName(command, typed);
      line.given.set(name, equals < 0 ? "" : word.slice(equals + 1));
      const definition = optionOf(command, name);
      const takesNext = definition !== undefined && definition.type !== "boolean" &&
        definition.type !== "optional";
      if (equals < 0 && takesNext) line.open = definition;
    }
  }
  return line;
}

function longName({ options }: Command, typed: string): string {
  if (typed.startsWith("--")) return typed.slice(2);
  const short = typed.slice(1);
  return Object.entries(options).find(([, definition]) => definition.short === short)?.[0] ?? short;
}

function optionOf({ options }: Command, name: string): OptionDefinition | undefined {
  return Object.hasOwn(options, name) ? options[name] : undefined;
}

function optionWords({ options }: Command, given: ReadonlyMap<string, string>): Candidate[] {
  const free = Object.entries(options).filter(([name, { hidden, type }]) =>
    !hidden && (type === "list" || !given.has(name))
  );
  return [
    ...free.map(([name, { help }]) => ({ value: `--${name}`, note: help })),
    { value: "--help", note: "Show this help" },
  ];
}
