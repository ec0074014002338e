/**
 * `meshctl logs`: what an agent or the registry wrote.
 *
 * @module
 */
import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { defineCommand, type OptionTable } from "../command.ts";
import type { Context } from "../context.ts";
import { CliError, EXIT, type ExitCode, usageError } from "../exit.ts";
import { linesSince, lineTime } from "../log_time.ts";
import { parseDuration } from "../output/duration.ts";
import { didYouMean } from "../../registry/suggest.ts";
import { jsonLine, jsonText } from "../output/json.ts";
import { renderTable } from "../output/table.ts";
import { waitInFolder } from "../supervisor/folder_watch.ts";
import { type MeshHome, meshHome } from "../supervisor/home.ts";
import { createLineSplitter } from "../supervisor/line_splitter.ts";
import { lastLines, OLDER_LOGS, olderLog } from "../supervisor/log_file.ts";
import { runningAgents } from "../supervisor/records.ts";

/** Lines shown when nothing else is asked for. */
const DEFAULT_TAIL = 100;

const OPTIONS = {
  follow: { type: "boolean", short: "f", help: "Keep printing what is written" },
  tail: { type: "number", short: "n", value: "LINES", help: "Only the last lines; 0 is all" },
  since: { type: "string", value: "WHEN", help: "Only newer lines: 10m, 2h30m, 1d or a UTC time" },
  previous: {
    type: "number",
    short: "p",
    value: "N",
    bare: 1,
    help: `The log of the Nth run before, 1 to ${OLDER_LOGS}`,
  },
  list: { type: "boolean", help: "List the logs there are" },
  json: { type: "boolean", help: "Print one JSON document a line, or with --list one in all" },
} as const satisfies OptionTable;

/** `meshctl logs <agent>`. */
export const logsCommand = defineCommand({
  name: "logs",
  summary: "Print the log of an agent or of the registry",
  usage: "<agent|registry>",
  details:
    `Prints the last ${DEFAULT_TAIL} lines, or with --since all newer ones. The name may be\n` +
    "shortened.",
  positionals: { min: 0, max: 1 },
  completes: ["logs"],
  options: OPTIONS,
  examples: [
    { line: "logs flight-agent -f", note: "Follow an agent" },
    { line: "logs registry --since 10m", note: "The registry's last ten minutes" },
    { line: "logs flight-agent -p 1", note: "The run before the current one" },
  ],
  run: async (context, { options, positionals: [reference] }) => {
    const home = meshHome(context.config.home);
    const since = readSince(options.since, context.now());
    if (options.list) return await listLogs(home, options.json, context);
    if (reference === undefined) {
      throw usageError("logs needs the name of an agent", "See what there is with --list.");
    }
    const name = await logName(reference, home);
    const current = home.log(name);
    const write = (lines: string[]) =>
      print(context, options.json ? jsonLines(name, lines) : lines);
    const path = previousPath(current, options.previous);
    if (options.follow && options.previous !== undefined) {
      throw usageError("--follow and --previous exclude each other");
    }
    const tail = options.tail ?? (since === undefined ? DEFAULT_TAIL : 0);
    if (options.follow) {
      return await follow(path, home, { tail, onlyNew: options.tail === 0, write }, context);
    }
    write(select(await read(path, since === undefined ? tail : 0), since, tail));
    return EXIT.ok;
  },
});

function select(lines: string[], since: number | undefined, tail: number): string[] {
  const recent = since === undefined ? lines : linesSince(lines, since);
  return tail === 0 ? recent : recent.slice(-tail);
}

function print(context: Context, lines: string[]): void {
  if (lines.length > 0) context.stdout.write(`${lines.join("\n")}\n`);
}

function jsonLines(log: string, lines: string[]): string[] {
  return lines.map((text) => {
    const time = lineTime(text);
    const document = { log, time: time === undefined ? null : new Date(time).toISOString(), text };
    return jsonLine(document).trimEnd();
  });
}

function readSince(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const duration = parseDuration(text);
  if (duration !== undefined) return now - duration;
  const time = lineTime(text) ?? lineTime(`${text} 00:00:00`);
  if (time !== undefined) return time;
  throw usageError(
    `--since is "${text}", which is no duration and no time`,
    "Write it like 10m, 2h30m, 1d, 2026-06-01 or 2026-06-01T12:00:00.",
  );
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
  print(
    context,
    rows.length === 0 ? ["No logs found"] : renderTable(columns, rows, context.stdout),
  );
  return EXIT.ok;
}

async function read(path: string, tail: number): Promise<string[]> {
  try {
    return await lastLines(path, tail);
  } catch (cause) {
    throw new CliError(EXIT.notFound, `there is no log ${path}`, {
      hint: "See what there is with --list.",
      cause,
    });
  }
}

interface FollowOptions {
  /** Lines of the past that are shown; 0 is all. */
  tail: number;
  /** None of the past is. */
  onlyNew: boolean;
  /** Takes whole lines. */
  write(lines: string[]): void;
}

/** Prints the end of a log and then whatever is appended, over rotations, until interrupted. */
async function follow(
  path: string,
  home: MeshHome,
  { tail, onlyNew, write }: FollowOptions,
  context: Context,
): Promise<ExitCode> {
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (!onlyNew) write(await lastLines(path, tail, size).catch(() => []));
  const interrupted = new AbortController();
  using _listening = context.onInterrupt(() => interrupted.abort());
  const splitter = createLineSplitter();
  let position = size;
  let inode = (await stat(path).catch(() => undefined))?.ino;
  await waitInFolder(home.logs, async () => {
    const info = await stat(path).catch(() => undefined);
    if (info === undefined) return undefined;
    // A new file of the same name, or one that was emptied, is read from its start.
    if (info.ino !== inode || info.size < position) position = 0;
    inode = info.ino;
    const bytes = await readFrom(path, position, info.size);
    position += bytes.length;
    write(splitter.push(bytes));
    return undefined;
  }, { signal: interrupted.signal });
  return EXIT.ok;
}

async function readFrom(path: string, from: number, to: number): Promise<Uint8Array> {
  if (to <= from) return new Uint8Array();
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read({
    buffer: new Uint8Array(to - from),
    position: from,
  });
  return buffer.subarray(0, bytesRead);
}
