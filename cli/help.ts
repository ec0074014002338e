/**
 * Help texts, written from the command definitions.
 *
 * @module
 */
import type { CommandDescription, OptionDefinition } from "./command.ts";
import type { CommandName } from "./summaries.ts";

/** Overall help: what there is, and how to learn more. */
export function overallHelp(commands: readonly CommandName[], program: string): string {
  const rows = commands.map(({ name, summary }): [string, string] => [name, summary]);
  return [
    "meshctl runs agents and the registry on this machine, and asks any mesh what it has.",
    "",
    `Usage: ${program} <command> [arguments] [options]`,
    "",
    "Commands:",
    ...aligned(rows),
    "",
    "Options:",
    ...aligned([["-h, --help", "Show help"], ["-v, --version", "Show the version"]]),
    "",
    "Exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 4 registry unreachable, 5 tool error,",
    "6 timeout.",
    "",
    `Run \`${program} help <command>\` for the options and examples of a command.`,
    "",
  ].join("\n");
}

/** Help of a group of commands, such as `registry`. */
export function groupHelp(
  { name, summary, details }: Pick<CommandDescription, "name" | "summary" | "details">,
  commands: CommandDescription[],
  program: string,
): string {
  return [
    summary,
    "",
    `Usage: ${program} ${name} <command> [arguments] [options]`,
    ...(details === undefined ? [] : ["", details]),
    "",
    "Commands:",
    ...aligned(commands.map((command) => [command.name, command.summary])),
    "",
    `Run \`${program} help ${name} <command>\` for the options and examples of a command.`,
    "",
  ].join("\n");
}

/** Help of one command. */
export function commandHelp(command: CommandDescription, program: string): string {
  const shown = Object.entries(command.options).filter(([, { hidden }]) => !hidden);
  const options = shown.map(([name, definition]): [string, string] => [
    optionForm(name, definition),
    definition.help + defaultNote(definition),
  ]);
  const examples = command.examples.flatMap(({ line, note }) => [
    `  ${program} ${line}`,
    `      ${note}`,
  ]);
  return [
    command.summary,
    "",
    `Usage: ${[program, command.name, command.usage].filter((part) => part !== "").join(" ")}`,
    ...(command.details === undefined ? [] : ["", command.details]),
    "",
    "Options:",
    ...aligned([...options, ["-h, --help", "Show this help"]]),
    ...(examples.length === 0 ? [] : ["", "Examples:", ...examples]),
    "",
  ].join("\n");
}

function optionForm(name: string, definition: OptionDefinition): string {
  const short = definition.short === undefined ? "    " : `-${definition.short}, `;
  switch (definition.type) {
    case "boolean":
      return `${short}--${name}${definition.default === true ? "=false" : ""}`;
    case "optional":
      return `${short}--${name}[=${definition.value}]`;
    default:
      return `${short}--${name} ${definition.value}`;
  }
}

function defaultNote(definition: OptionDefinition): string {
  if (definition.type === "list") return " (repeatable)";
  if (definition.type !== "number" || definition.default === undefined) return "";
  return ` (default ${definition.default})`;
}

function aligned(rows: [string, string][]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
