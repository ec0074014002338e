/**
 * Which lines of output a foreground start shows.
 *
 * @module
 */
import { readLogLevel } from "../settings/config.ts";
import { usageError } from "../base/exit.ts";
import { LOG_LEVELS, type LogLevel, readLogLine } from "../machine/log_line.ts";
import { didYouMean } from "../../runtime/base/suggest.ts";

/** What is shown; all of it goes to the logs. */
export interface ShownLines {
  /** Whose lines; everybody's when empty. */
  names: string[];
  /** The lowest level. */
  level: LogLevel | undefined;
}

/**
 * What `--only` and `--level` choose.
 *
 * @param known The names there are; theirs may be shortened.
 * @throws {CliError} exit 2 for a name that fits none or several, or a word that is no level.
 */
export function readShownLines(
  only: string[],
  level: string | undefined,
  known: string[],
): ShownLines {
  const wanted = level === undefined ? undefined : readLogLevel(level, "--level");
  return {
    names: only.map((name) => knownName(name, known)),
    level: LOG_LEVELS.find((each) => each === wanted),
  };
}

function knownName(name: string, known: string[]): string {
  const matches = known.includes(name)
    ? [name]
    : known.filter((each) => each.startsWith(name.toLowerCase()));
  const [match, ...others] = matches;
  if (match !== undefined && others.length === 0) return match;
  if (match !== undefined) {
    throw usageError(`--only ${name} fits several: ${matches.join(", ")}`, "Name one in full.");
  }
  throw usageError(
    `--only ${name} fits none of what is started`,
    didYouMean(name, known) ?? `There are ${known.join(", ")}.`,
  );
}

/** Decides line by line what is shown. */
export interface LineFilter {
  /** Whether a line of `name` is shown. */
  shows(name: string, line: string): boolean;
}

/** A filter. A line without a level, such as one of a stack, goes with the one before it. */
export function lineFilter({ names, level }: ShownLines): LineFilter {
  const lowest = level === undefined ? 0 : LOG_LEVELS.indexOf(level);
  const last = new Map<string, boolean>();
  return {
    shows: (name, line) => {
      if (names.length > 0 && !names.includes(name)) return false;
      const own = readLogLine(line).level;
      const shown = own === undefined ? last.get(name) ?? true : LOG_LEVELS.indexOf(own) >= lowest;
      last.set(name, shown);
      return shown;
    },
  };
}
