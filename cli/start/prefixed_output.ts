/**
 * The output of several processes in one terminal: every line begins with whose it is.
 *
 * @module
 */
import { visibleJson } from "../../runtime/base/visible.ts";
import type { Context } from "../app/context.ts";
import { isDocumentOf } from "../machine/log_line.ts";
import { agentColour } from "../output/colour.ts";
import type { LineSource } from "../machine/child.ts";
import { type MeshHome, PACK_NAME } from "../machine/home.ts";
import { lineFilter, type ShownLines } from "./shown_lines.ts";
import { LogWriter } from "../machine/log_writer.ts";

/** Shows lines and keeps them in the logs. */
export interface PrefixedOutput extends Disposable {
  /** Shows a line of `name` and appends it, bare, to its log. */
  line(name: string, source: LineSource, text: string): void;
}

/**
 * Output for a foreground start: an agent's standard output goes to standard output, its errors and
 * logs to standard error.
 *
 * @param shown What of it is shown; all of it goes to the logs.
 */
export function createPrefixedOutput(
  context: Pick<Context, "stdout" | "stderr">,
  home: MeshHome,
  shown: ShownLines,
): PrefixedOutput {
  const filter = lineFilter(shown);
  const logs = new Map<string, LogWriter>();
  const onTrouble = (text: string) => context.stderr.lines([text]);
  const logOf = (name: string) => {
    const known = logs.get(name);
    if (known !== undefined) return known;
    const opened = new LogWriter(home.log(name), { onTrouble });
    logs.set(name, opened);
    return opened;
  };
  return {
    line: (name, source, text) => {
      const output = source === "stdout" ? context.stdout : context.stderr;
      if (filter.shows(name, text)) {
        const whose = output.palette.paint(agentColour(name), `${name} |`);
        // It goes to programs.
        if (isDocumentOf(name, text)) output.raw(`${visibleJson(text)}\n`);
        else output.lines([`${whose} ${text}`]);
      }
      logOf(name).line(text);
    },
    [Symbol.dispose]: () => {
      for (const log of logs.values()) log[Symbol.dispose]();
      logs.clear();
    },
  };
}

/**
 * Whose a line of a process is.
 *
 * @param names The agents the process runs; with several, it begins their lines with their names.
 */
export function attributeLine(line: string, names: string[]): { name: string; text: string } {
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0) return { name: only, text: line };
  const name = names.find((candidate) => line.startsWith(`${candidate} | `));
  if (name === undefined) return { name: PACK_NAME, text: line };
  return { name, text: line.slice(name.length + " | ".length) };
}
