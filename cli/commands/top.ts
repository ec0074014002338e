/**
 * `meshctl top`: how busy the agents of a mesh are, live.
 *
 * @module
 */
import { defineCommand } from "../app/command.ts";
import type { OptionTable } from "../app/option.ts";
import type { Context } from "../app/context.ts";
import { CliError, EXIT, type ExitCode, usageError } from "../base/exit.ts";
import { inNamespace, NAMESPACE_OPTION } from "../mesh/namespace.ts";
import { jsonLine, jsonText } from "../output/json.ts";
import { wrapped } from "../output/wrapped.ts";
import { REGISTRY_OPTIONS } from "../mesh/registry_address.ts";
import { openRegistry } from "../mesh/registry_client.ts";
import { type AgentMeasure, createMeter } from "../top/meter.ts";
import { openKeyboard, openScreen } from "../top/screen.ts";
import { topJson, topTable } from "../top/top_table.ts";
import { SUMMARIES } from "../app/summaries.ts";

const OPTIONS = {
  once: { type: "boolean", help: "Measure for one interval, print it and end" },
  json: { type: "boolean", help: "Print JSON: one document, or without --once one a line" },
  interval: { type: "number", value: "SECONDS", default: 2, help: "Time between measurements" },
  timeout: { type: "number", value: "SECONDS", default: 5, help: "Limit of a request" },
  ...NAMESPACE_OPTION,
  ...REGISTRY_OPTIONS,
} as const satisfies OptionTable;

/** Shortest time between measurements, seconds. */
const SHORTEST = 0.1;

/** `meshctl top`. */
export const topCommand = defineCommand({
  name: "top",
  summary: SUMMARIES.top,
  usage: "",
  details:
    "Measured are the calls that agents answer, from their /metrics, which must be reachable\n" +
    "from here. On a terminal the table is live: q or Ctrl+C ends it. Otherwise a table or a\n" +
    "document is printed after every interval.",
  positionals: { min: 0, max: 0 },
  options: OPTIONS,
  examples: [
    { line: "top", note: "Live, the busiest agent first" },
    { line: "top --once --json --interval 10", note: "Ten seconds, for a script" },
  ],
  run: async (outer, { options }) => {
    const context = inNamespace(outer, options);
    const { interval, timeout, json } = options;
    if (interval < SHORTEST) {
      throw usageError(`--interval is ${interval}, and the shortest is ${SHORTEST}`);
    }
    const client = await openRegistry(options, context);
    const clock = () => context.now();
    const measure = createMeter({ client, fetch: context.fetch, clock, timeout });
    const live = !options.once && !json && context.isInteractive &&
      context.stdout.columns !== undefined;
    const run = { context, measure, interval, title: client.url };
    if (live) return await runLive(run);
    return await runPlain(run, options);
  },
});

interface Run {
  context: Context;
  measure(): Promise<AgentMeasure[]>;
  /** Seconds. */
  interval: number;
  title: string;
}

async function runPlain(
  { context, measure, interval, title }: Run,
  { once, json }: { once: boolean; json: boolean },
): Promise<ExitCode> {
  const ended = new AbortController();
  using _ = context.onInterrupt(() => ended.abort());
  await measure();
  let isAway = false;
  for (let first = true;;) {
    await context.sleep(interval * 1_000, ended.signal);
    if (ended.signal.aborted) return once ? EXIT.failure : EXIT.ok;
    let measures: AgentMeasure[];
    try {
      measures = await measure();
    } catch (error) {
      // A registry that was there is waited for, unless somebody waits for the one answer.
      if (once || !(error instanceof CliError)) throw error;
      if (!isAway) context.stderr.write(`The registry at ${title} went away; waiting for it.\n`);
      isAway = true;
      continue;
    }
    if (isAway) context.stderr.write(`The registry at ${title} is back.\n`);
    isAway = false;
    const document = topJson(measures, context.now(), interval);
    if (json) context.stdout.write(once ? jsonText(document) : jsonLine(document));
    else {
      context.stdout.lines([...(first ? [] : [""]), ...topTable(measures, context.stdout)]);
    }
    first = false;
    if (once) return EXIT.ok;
  }
}

async function runLive({ context, measure, interval, title }: Run): Promise<ExitCode> {
  const { stdout } = context;
  // Whoever is not there at all is told so on the user's own screen.
  let measures = await measure();
  const ended = new AbortController();
  using _ = context.onInterrupt(() => ended.abort());
  using keyboard = openKeyboard();
  using screen = openScreen(stdout);
  void keyboard.pressed("qQ\x03").then(() => ended.abort());
  let note = "measuring";
  while (!ended.signal.aborted) {
    const head = `${title}  every ${interval} s  ${note}  (q ends)`;
    const lines = wrapped(head, stdout.columns ?? Infinity)
      .map((line) => stdout.palette.paint("dim", line));
    screen.draw([...lines, "", ...topTable(measures, stdout)]);
    await context.sleep(interval * 1_000, ended.signal);
    if (ended.signal.aborted) break;
    try {
      measures = await measure();
      note = new Date(context.now()).toISOString().slice(11, 19);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      note = error.message;
    }
  }
  return EXIT.ok;
}
