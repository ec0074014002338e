/**
 * Durations as people write and read them: `12s`, `5m`, `2h3m`, `1d4h`.
 *
 * @module
 */

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
type Unit = keyof typeof UNITS;

/**
 * A duration in at most two units.
 *
 * @param milliseconds How long; negative counts as nothing.
 */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return pair(hours, "h", minutes % 60, "m");
  return pair(Math.floor(hours / 24), "d", hours % 24, "h");
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return `${large}${largeUnit}${small === 0 ? "" : `${small}${smallUnit}`}`;
}

/**
 * Milliseconds of a duration such as `90s`, `2h30m` or `1d`.
 *
 * @returns `undefined` when `text` is no duration.
 */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) {
    // The pattern above admits only the keys of UNITS.
    total += Number(amount) * UNITS[unit as Unit];
  }
  return total;
}

/**
 * How long ago a timestamp was.
 *
 * @param timestamp RFC 3339.
 * @param now Milliseconds since the epoch.
 * @returns `-` for a timestamp that cannot be read.
 */
export function formatAge(timestamp: string, now: number): string {
  const then = Date.parse(timestamp);
  return Number.isNaN(then) ? "-" : formatDuration(now - then);
}
