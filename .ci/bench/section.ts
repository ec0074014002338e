/**
 * The results of a benchmark and how they read: every number beside its ratio to the peer and to the
 * limit of this machine, measured in the same run.
 *
 * @module
 */
import type { Measured } from "./load.ts";

/** One thing that was measured. */
export interface Row extends Measured {
  what: string;
  /** What others do the same with, or the least that any solution must do. */
  role?: "peer" | "limit";
}

/** Rows that may be compared with each other. */
export interface Section {
  title: string;
  rows: Row[];
}

/** A row beside its peer and its limit; a ratio is absent where its section has nothing to compare. */
export interface ComparedRow extends Row {
  /** Its rate over the peer's, by processor time where that is known. */
  timesPeer?: number;
  /** Its rate over the limit's. */
  timesLimit?: number;
  /** What its middle call takes longer than the limit's, milliseconds. */
  addedP50Ms?: number;
}

/** Puts every row beside the peer and the limit of its section. */
export function compare({ rows }: Section): ComparedRow[] {
  const peer = rows.find(({ role }) => role === "peer");
  const limit = rows.find(({ role }) => role === "limit");
  return rows.map((row) => ({
    ...row,
    ...(peer === undefined ? {} : { timesPeer: ratio(row, peer) }),
    ...(limit === undefined ? {} : {
      timesLimit: ratio(row, limit),
      addedP50Ms: row.p50Ms - limit.p50Ms,
    }),
  }));
}

/**
 * How a rate compares. By processor time where that is known for both: what a process does in a second
 * also depends on how much of the machine the load leaves it.
 */
function ratio(row: Row, other: Row): number {
  return row.perCoreSecond !== undefined && other.perCoreSecond !== undefined
    ? row.perCoreSecond / other.perCoreSecond
    : row.perSecond / other.perSecond;
}

const COLUMNS = [
  "per s",
  "per core s",
  "p50 ms",
  "p99 ms",
  "x peer",
  "x limit",
  "p50 added",
  "KiB/conn",
];

/** The sections as aligned text. */
export function table(sections: readonly Section[]): string {
  const lines = sections.map((section) => [
    [section.title, ...COLUMNS],
    ...compare(section).map((row) => [
      `  ${row.what}${row.role === undefined ? "" : ` (${row.role})`}`,
      row.perSecond.toFixed(0),
      row.perCoreSecond?.toFixed(0) ?? "",
      row.p50Ms.toFixed(2),
      Number.isNaN(row.p99Ms) ? "" : row.p99Ms.toFixed(2),
      row.timesPeer?.toFixed(2) ?? "",
      row.timesLimit?.toFixed(2) ?? "",
      row.addedP50Ms?.toFixed(2) ?? "",
      row.kibPerConnection?.toFixed(1) ?? "",
    ]),
  ]);
  const width = Math.max(...lines.flat().map(([what = ""]) => what.length));
  return lines.map((section) => section.map((cells) => aligned(cells, width)).join("\n"))
    .join("\n\n");
}

function aligned([what = "", ...numbers]: string[], width: number): string {
  return (what.padEnd(width) + numbers.map((number) => number.padStart(11)).join("")).trimEnd();
}
