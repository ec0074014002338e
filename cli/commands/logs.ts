/**
 * `meshctl logs`: what an agent or the registry wrote.
 *
 * @module
 */
import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { OLDER_LOGS, olderLog } from "../../runtime/base/log_files.ts";
import { visibleJson } from "../../runtime/base/visible.ts";
import { defineCommand } from "../app/command.ts";
import type { OptionTable } from "../app/option.ts";
import type { Context } from "../app/context.ts";
import { CliError, EXIT, type ExitCode, usageError } from "../base/exit.ts";
import { readLogLevel } from "../settings/config.ts";
import { isDocumentOf, LOG_LEVELS, readLogLine } from "../machine/log_line.ts";
import { type LogCriteria, merged, type OwnedLine } from "../machine/log_selection.ts";
import {
  chosenLines,
  lastOf,
  type LineStream,
  mergedLines,
  type OpenedLog,
} from "../machine/log_stream.ts";
import { parseDuration } from "../output/duration.ts";
import { agentColour } from "../output/colour.ts";
import { jsonLine, jsonText } from "../output/json.ts";
import { didYouMean } from "../../runtime/base/suggest.ts";
import { renderTable } from "../output/table.ts";
import { waitInFolder } from "../machine/folder_watch.ts";
import { FollowedLog } from "../machine/followed_log.ts";
import { type MeshHome, meshHome } from "../machine/home.ts";
import { runningAgents } from "../machine/records.ts";
import { SUMMARIES } from "../app/summaries.ts";

/** Lines shown when nothing else is asked for. */
const DEFAULT_TAIL = 100;

const OPTIONS = {
  follow: { type: "boolean", short: "f", help: "Keep printing what is written" },
  timestamps: { type: "boolean", hidden: true, help: "Lines have their times anyway" },
  tail: { type: "number", short: "n", value: "LINES", help: "Only the last lines; 0 is all" },
  since: { type: "string", value: "WHEN", help: "Only newer lines: 10m, 2h30m, 1d or a UTC time" },
  until: { type: "string", value: "WHEN", help: "Only older lines, likewise" },
  level: { type: "string", value: "LEVEL", help: "Only lines of this level and above" },
  trace: { type: "string", value: "ID", help: "Only lines of a trace; the id may be shortened" },
  previous: {
    type: "number",
    short: "p",
    value: "N",
    bare: 1,
    help: `The log of the Nth run before, 1 to ${OLDER_LOGS}`,
  },
  json: { type: "boolean", help: "Print one JSON document a line, or with --list one in all" },
  list: { type: "boolean", help: "List the logs there are" },
} as const satisfies OptionTable;

/** `meshctl logs <agent>`. */
export const logsCommand = defineCommand({
  name: "logs",
  summary: SUMMARIES.logs,
  usage: "<agent|registry>…",
  details:
    `Prints the last ${DEFAULT_TAIL} lines, or with --since, --until, --level or --trace all that\n` +
    "fit. Those of several agents are put in the order of their times; with --trace and no name,\n" +
    "those of all. Names may be shortened.",
  positionals: { min: 0, max: Infinity },
  completes: ["logs"],
  options: OPTIONS,
  examples: [
    { line: "logs flight-agent -f", note: "Follow an agent" },
    { line: "logs registry --since 10m", note: "The registry's last ten minutes" },
    { line: "logs flight-agent -p 1", note: "The run before the current one" },
    { line: "logs --trace 4bf92f35", note: "What all agents said during one call" },
    { line: "logs planner flight -f --level warn", note: "What goes wrong in two agents" },
  ],
  run: async (context, { options, positionals: references }) => {
    const home = meshHome(context.config.home);
    const criteria: LogCriteria = {
      since: readTime("--since", options.since, context.now()),
      until: readTime("--until", options.until, context.now()),
      level: readLevel(options.level),
      trace: readTrace(options.trace),
    };
    if (options.list) return await listLogs(home, options.json, context);
    if (options.follow && options.previous !== undefined) {
      throw usageError("--follow and --previous exclude each other");
    }
    const logs = await chosenLogs(references, criteria, options.previous, home);
    const chooses = Object.values(criteria).some((criterion) => criterion !== undefined);
    const tail = options.tail ?? (chooses ? 0 : DEFAULT_TAIL);
    const form: LineForm = options.json ? "json" : logs.length > 1 ? "named" : "plain";
    const onlyNew = options.follow && options.tail === 0;
    if (options.follow) return await follow(logs, home, { tail, onlyNew, criteria, form }, context);
    await using held = new AsyncDisposableStack();
    const opened = await Promise.all(logs.map(openLog));
    for (const { file } of opened) held.use(file);
    await printAll(opened.map((log) => chosenLines(log, criteria, tail)), tail, form, context);
    return EXIT.ok;
  },
});

/** A log, and whose it is. */
interface Log {
  readonly name: string;
  readonly path: string;
}

async function chosenLogs(
  references: readonly string[],
  { trace }: LogCriteria,
  previous: number | undefined,
  home: MeshHome,
): Promise<Log[]> {
  if (references.length === 0 && trace === undefined) {
    throw usageError("logs needs the name of an agent", "See what there is with --list.");
  }
  const names = references.length === 0
    ? (await currentLogs(home)).map(({ name }) => name)
    : await Promise.all(references.map((reference) => logName(reference, home)));
  return [...new Set(names)].map((name) => ({
    name,
    path: previousPath(home.log(name), previous),
  }));
}

/** How a line is shown: as it is, after its agent's name, or as a document. */
type LineForm = "plain" | "named" | "json";

async function printAll(
  logs: readonly LineStream[],
  tail: number,
  form: LineForm,
  context: Context,
): Promise<void> {
  for await (const lines of lastOf(mergedLines(logs), tail)) print(context, lines, form);
}

function print({ stdout }: Context, lines: readonly OwnedLine[], form: LineForm): void {
  stdout.raw(lines.map((line) => shown(line, form, stdout)).join(""));
}

/** A line as it is printed, with its end. */
function shown(line: OwnedLine, form: LineForm, stdout: Context["stdout"]): string {
  const { name, text } = line;
  if (form === "json") return jsonLine(lineDocument(line));
  // It goes to programs.
  const isDocument = form === "plain" ? text.startsWith("{") : isDocumentOf(name, text);
  if (isDocument) return `${visibleJson(text)}\n`;
  const whose = form === "plain" ? "" : `${stdout.palette.paint(agentColour(name), `${name} |`)} `;
  return `${stdout.shown(whose + text)}\n`;
}

function lineDocument({ name, text }: OwnedLine): Record<string, unknown> {
  const { time, level, trace } = readLogLine(text);
  return {
    log: name,
    time: time === undefined ? null : new Date(time).toISOString(),
    level: level ?? null,
    trace: trace ?? null,
    text,
  };
}

function readTime(option: string, text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const duration = parseDuration(text);
  if (duration !== undefined) return now - duration;
  const time = readLogLine(text).time ?? readLogLine(`${text} 00:00:00`).time;
  if (time !== undefined) return time;
  throw usageError(
    `${option} is "${text}", which is no duration and no time`,
    "Write it like 10m, 2h30m, 1d, 2026-06-01 or 2026-06-01T12:00:00.",
  );
}

function readLevel(text: string | undefined): LogCriteria["level"] {
  const level = text === undefined ? undefined : readLogLevel(text, "--level");
  return LOG_LEVELS.find((each) => each === level);
}

function readTrace(text: string | undefined): string | undefined {
  const id = text?.toLowerCase().replaceAll("-", "");
  if (id === undefined || /^[0-9a-f]{1,32}$/.test(id)) return id;
  throw usageError(`--trace is "${text}", which is no trace id`, "It has up to 32 hex digits.");
}

function previousPath(current: string, generation: number | undefined): string {
  if (generation === undefined) return current;
  if (!Number.isInteger(generation) || generation < 1 || generation > OLDER_LOGS) {
    throw usageError(`--previous is ${generation}, and 1 to ${OLDER_LOGS} older logs are kept`);
  }
  return olderLog(current, generation);
}

/** The name of the log that a name or the beginning of one stands for. */
async function logName(reference: string, home: MeshHome): Promise<string> {
  const logs = (await currentLogs(home)).map(({ name }) => name);
  if (logs.includes(reference)) return reference;
  const renamed = (await runningAgents(home)).find(({ record }) => record.name === reference);
  if (renamed !== undefined) return renamed.stem;
  const prefix = reference.toLowerCase();
  const matches = logs.filter((name) => name.toLowerCase().startsWith(prefix));
  const [match, ...others] = matches;
  if (match !== undefined && others.length === 0) return match;
  if (match !== undefined) {
    throw usageError(
      `"${reference}" fits several logs: ${matches.join(", ")}`,
      "Name one of them in full.",
    );
  }
  const hint = didYouMean(reference, logs) ??
    (logs.length === 0 ? "Nothing was started here yet." : `There are logs of ${logs.join(", ")}.`);
  throw new CliError(EXIT.notFound, `there is no log of ${reference}`, { hint });
}

interface LogEntry {
  name: string;
  bytes: number;
  older: number;
}

async function currentLogs(home: MeshHome): Promise<LogEntry[]> {
  const files = await readdir(home.logs).catch(() => []);
  const isOlder = (file: string) => /\.\d\.log$/.test(file);
  const names = files.filter((file) => file.endsWith(".log") && !isOlder(file))
    .map((file) => file.slice(0, -".log".length));
  return await Promise.all(
    names.toSorted().map(async (name) => ({
      name,
      bytes: (await stat(join(home.logs, `${name}.log`))).size,
      older:
        files.filter((file) => isOlder(file) && file.slice(0, -".1.log".length) === name).length,
    })),
  );
}

async function listLogs(home: MeshHome, json: boolean, context: Context): Promise<ExitCode> {
  const logs = await currentLogs(home);
  if (json) {
    context.stdout.write(jsonText({ logs }));
    return EXIT.ok;
  }
  const columns = [
    { title: "NAME" },
    { title: "BYTES", align: "right" as const },
    { title: "PREVIOUS", align: "right" as const },
  ];
  const rows = logs.map(({ name, bytes, older }) => [name, String(bytes), String(older)]);
  const lines = rows.length === 0 ? ["No logs found"] : renderTable(columns, rows, context.stdout);
  context.stdout.lines(lines);
  return EXIT.ok;
}

async function openLog({ name, path }: Log): Promise<OpenedLog> {
  try {
    const file = await open(path);
    return { name, file, end: (await file.stat()).size };
  } catch (cause) {
    throw new CliError(EXIT.notFound, `there is no log ${path}`, {
      hint: "See what there is with --list.",
      cause,
    });
  }
}

/** What is shown while logs are followed. */
interface Following {
  /** Lines of before; 0 is all. */
  readonly tail: number;
  /** Nothing of before. */
  readonly onlyNew: boolean;
  readonly criteria: LogCriteria;
  readonly form: LineForm;
}

/** Prints the end of logs and then whatever is appended, over rotations, until interrupted. */
async function follow(
  logs: readonly Log[],
  home: MeshHome,
  { tail, onlyNew, criteria, form }: Following,
  context: Context,
): Promise<ExitCode> {
  await using held = new AsyncDisposableStack();
  const followed = await Promise.all(logs.map((log) => FollowedLog.open(log, criteria)));
  for (const log of followed) held.use(log);
  if (!onlyNew) await printAll(followed.map((log) => log.before(tail)), tail, form, context);
  const interrupted = new AbortController();
  using _listening = context.onInterrupt(() => interrupted.abort());
  await waitInFolder(home.logs, async () => {
    do {
      const appended = await Promise.all(followed.map((log) => log.appended()));
      print(context, merged(appended), form);
    } while (followed.some(({ hasMore }) => hasMore) && !interrupted.signal.aborted);
    return undefined;
  }, { signal: interrupted.signal });
  return EXIT.ok;
}
