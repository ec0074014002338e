/**
 * Reads a command line by a command's option table. Options may follow positional arguments; `--`
 * ends them; nothing unknown is accepted.
 *
 * @module
 */
import { parseArgs } from "node:util";
import type {
  CommandDescription,
  OptionDefinition,
  OptionTable,
  OptionValues,
  ParsedArguments,
} from "./option.ts";
import { insteadOfOption } from "./renamed_options.ts";
import { type CliError, usageError } from "../base/exit.ts";
import { didYouMean } from "../../runtime/base/suggest.ts";

/** A command's description with its own option table. */
type Described<T extends OptionTable> = Omit<CommandDescription, "options"> & { options: T };

/** One option as it stood on the command line. */
interface Occurrence {
  name: string;
  /** As typed, such as `-d` or `--detach`. */
  rawName: string;
  value: string | undefined;
  /** The value was attached with `=`. */
  inline: boolean;
}

/**
 * Reads the arguments that follow a command's name.
 *
 * @param command What the command accepts.
 * @param args The arguments.
 * @param program How the user calls `meshctl`; for the advice in errors.
 * @throws {CliError} exit 2 for an unknown option, a missing or bad value, or too few or too many
 * positional arguments.
 */
export function parseArguments<T extends OptionTable>(
  command: Described<T>,
  args: string[],
  program: string,
): ParsedArguments<T> {
  const fail = (message: string, hint?: string): CliError => {
    const help = `Run \`${program} help ${command.name}\` for its usage.`;
    return usageError(message, hint === undefined ? help : `${hint}\n${help}`);
  };
  const { tokens } = parseArgs({
    args,
    options: parserOptions(command.options),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values: Record<string, unknown> = defaults(command.options);
  const positionals: string[] = [];
  let help = false;
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    if (token.name === "help" || token.rawName === "-h") {
      help = true;
      continue;
    }
    const definition = Object.hasOwn(command.options, token.name)
      ? command.options[token.name]
      : undefined;
    if (definition === undefined) {
      const known = Object.keys(command.options).map((name) => `--${name}`);
      const typed = token.rawName.startsWith("--") ? token.rawName : `--${token.name}`;
      const near = typed.length > 3 ? didYouMean(typed, known) : undefined;
      const hint = insteadOfOption(command.name, token.rawName) ?? near;
      throw fail(`unknown option ${token.rawName} for ${command.name}`, hint);
    }
    const occurrence: Occurrence = {
      name: token.name,
      rawName: token.rawName,
      value: token.value,
      inline: token.inlineValue ?? false,
    };
    const value = readValue(definition, occurrence, fail);
    const before = values[token.name];
    values[token.name] = Array.isArray(before) ? [...before, value] : value;
  }
  if (!help) checkCount(command, positionals, fail);
  // `values` was filled by the table's own types, which the compiler cannot follow.
  return { options: values as OptionValues<T>, positionals, help };
}

type Fail = (message: string, hint?: string) => CliError;

function parserOptions(table: OptionTable) {
  const entries = Object.entries(table).map(([name, { type, short }]) =>
    [name, {
      type: type === "boolean" || type === "optional" ? "boolean" as const : "string" as const,
      multiple: true,
      ...(short === undefined ? {} : { short }),
    }] as const
  );
  return Object.fromEntries(entries);
}

function defaults(table: OptionTable): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(table).map(([name, definition]) => {
      if (definition.type === "boolean") return [name, definition.default ?? false];
      if (definition.type === "list") return [name, []];
      return [name, definition.type === "number" ? definition.default : undefined];
    }),
  );
}

function readValue(definition: OptionDefinition, seen: Occurrence, fail: Fail): unknown {
  switch (definition.type) {
    case "boolean":
      if (seen.value === undefined) return true;
      if (seen.value === "true" || seen.value === "false") return seen.value === "true";
      throw fail(`${seen.rawName} takes true or false, not "${seen.value}"`);
    case "optional":
      return seen.value ?? true;
    case "number": {
      if (seen.value === undefined && definition.bare !== undefined) return definition.bare;
      const text = requiredValue(definition.value, seen, fail);
      const number = Number(text);
      if (text.trim() !== "" && Number.isFinite(number) && number >= 0) return number;
      throw fail(`${seen.rawName} takes a number that is not negative, not "${text}"`);
    }
    default:
      return requiredValue(definition.value, seen, fail);
  }
}

function requiredValue(placeholder: string, seen: Occurrence, fail: Fail): string {
  const { value, inline, rawName } = seen;
  const looksLikeOption = !inline && value !== undefined && /^--?[a-zA-Z]/.test(value);
  if (value !== undefined && !looksLikeOption) return value;
  const given = looksLikeOption ? `, and ${value} follows it` : "";
  throw fail(`${rawName} needs a value (${placeholder})${given}`);
}

function checkCount<T extends OptionTable>(
  command: Described<T>,
  positionals: string[],
  fail: Fail,
): void {
  const { min, max } = command.positionals;
  if (positionals.length < min) throw fail(`${command.name} needs ${command.usage}`);
  if (positionals.length <= max) return;
  const surplus = positionals.slice(max).map((text) => `"${text}"`).join(", ");
  throw fail(`${command.name} does not know what to do with ${surplus}`);
}
