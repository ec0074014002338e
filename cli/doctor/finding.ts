/**
 * What a check found, and what puts it right.
 *
 * @module
 */

/** How what was checked is: `warning` keeps nothing from running, `skipped` is not in use here. */
export type FindingLevel = "ok" | "warning" | "failure" | "skipped";

/** What a check found. */
export interface Finding {
  /** What was checked, such as `port` or `registry`. */
  check: string;
  level: FindingLevel;
  /** The agent it is about, if it is about one. */
  agent?: string;
  /** One sentence without its full stop: what is the case, with the value. */
  text: string;
  /** A command line that puts it right, to be run as it is or with its `…` filled in. */
  fix?: string;
}
