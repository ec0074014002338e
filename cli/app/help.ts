/**
 * Help texts, written from the command definitions.
 *
 * @module
 */
import type { CommandDescription, OptionDefinition } from "./option.ts";
import type { Context } from "./context.ts";
import type { CommandName } from "./summaries.ts";
import { wrapped } from "../output/wrapped.ts";

/** Where help is shown. */
export interface HelpPlace {
  /** How the user calls `meshctl`. */
  program: string;
  /** Characters a line may have; none are broken without it. */
  columns?: number | undefined;
}

/** Standard output of a command, where its help goes. */
export function helpPlace({ program, stdout: { columns } }: Context): HelpPlace {
  return { program, columns };
}

/** A description gets no less than this beside an option; else it goes below. */
const LEAST = 24;

/** Overall help: what there is, and how to learn more. */
export function overallHelp(
  commands: readonly CommandName[],
  { program, columns }: HelpPlace,
): string {
  const rows = commands.map(({ name, summary }): [string, string] => [name, summary]);
  return [
    ...paragraphs(
      "meshctl runs agents and the registry on this machine, and asks any mesh what it has.",
      columns,
    ),
    "",
    `Usage: ${program} <command> [arguments] [options]`,
    "",
    "Commands:",
    ...aligned(rows, columns),
    "",
    "Options:",
    ...aligned([["-h, --help", "Show help"], ["-v, --version", "Show the version"]], columns),
    "",
    ...paragraphs(
      "Exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 4 registry unreachable, 5 tool error,\n" +
        "6 timeout.",
      columns,
    ),
    "",
    ...paragraphs(
      `Run \`${program} help <command>\` for the options and examples of a command.`,
      columns,
    ),
    "",
  ].join("\n");
}

/** Help of a group of commands, such as `registry`. */
export function groupHelp(
  { name, summary, details }: Pick<CommandDescription, "name" | "summary" | "details">,
  commands: CommandDescription[],
  { program, columns }: HelpPlace,
): string {
  return [
    ...paragraphs(summary, columns),
    "",
    `Usage: ${program} ${name} <command> [arguments] [options]`,
    ...(details === undefined ? [] : ["", ...paragraphs(details, columns)]),
    "",
    "Commands:",
    ...aligned(commands.map((command) => [command.name, command.summary]), columns),
    "",
    ...paragraphs(
      `Run \`${program} help ${name} <command>\` for the options and examples of a command.`,
      columns,
    ),
    "",
  ].join("\n");
}

/** Help of one command. */
export function commandHelp(
  command: CommandDescription,
  { program, columns }: HelpPlace,
): string {
  const shown = Object.entries(command.options).filter(([, { hidden }]) => !hidden);
  const options = shown.map(([name, definition]): [string, string] => [
    optionForm(name, definition),
    definition.help + defaultNote(definition),
  ]);
  const examples = command.examples.flatMap(({ line, note }) => [
    `  ${program} ${line}`,
    ...paragraphs(`      ${note}`, columns),
  ]);
  const usage = [program, command.name, command.usage].filter((part) => part !== "").join(" ");
  return [
    ...paragraphs(command.summary, columns),
    "",
    ...paragraphs(`Usage: ${usage}`, columns),
    ...(command.details === undefined ? [] : ["", ...paragraphs(command.details, columns)]),
    "",
    "Options:",
    ...aligned([...options, ["-h, --help", "Show this help"]], columns),
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

/** Rows of a word and what it means, the meaning beside the word as far as there is room. */
function aligned(rows: [string, string][], columns = Infinity): string[] {
  const widest = Math.max(...rows.map(([left]) => left.length));
  const room = columns - widest - 4;
  return rows.flatMap(([left, right]) => {
    if (room < LEAST) {
      return [`  ${left}`, ...wrapped(right, columns - 8).map((line) => `        ${line}`)];
    }
    const [first = "", ...others] = wrapped(right, room);
    const indent = " ".repeat(widest + 4);
    return [`  ${left.padEnd(widest)}  ${first}`, ...others.map((line) => indent + line)];
  });
}

/** Text that is filled as one, behind what only its first line has. */
interface Block {
  lead: string;
  text: string;
}

/** Lines of a text, filled anew where one is too long. */
function paragraphs(text: string, columns = Infinity): string[] {
  const lines = text.split("\n");
  if (lines.every((line) => line.length <= columns)) return lines;
  const blocks: Block[] = [];
  for (const line of lines) {
    const last = blocks.at(-1);
    if (last !== undefined && goesOn(last, line)) last.text += ` ${line.trimStart()}`;
    else blocks.push(blockOf(line));
  }
  return blocks.flatMap(({ lead, text }) => {
    const filled = wrapped(text, Math.max(LEAST, columns - lead.length));
    return filled.map((line, index) => (index === 0 ? lead : " ".repeat(lead.length)) + line);
  });
}

/** An indented word and its meaning, or an indented text, or a text. */
function blockOf(line: string): Block {
  const [, lead = "", text = ""] = /^( +\S.*? {2,}| *)(.*)$/.exec(line) ?? [];
  return { lead, text };
}

function goesOn({ lead, text }: Block, line: string): boolean {
  const indent = /^ */.exec(line)?.[0].length ?? 0;
  return text !== "" && !text.endsWith(":") && line !== "" && indent === lead.length;
}
