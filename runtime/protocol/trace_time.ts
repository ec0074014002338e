/**
 * Times with microseconds as the registry's traces write them: RFC 3339 with six decimals.
 *
 * @module
 */

/** Decimals of a second in an RFC 3339 time. */
const FRACTION = /\.(\d+)/;

/** A time as text. @param us Microseconds since the epoch, before the year 10000. */
export function timeText(us: number): string {
  const milliseconds = Math.floor(us / 1_000);
  const rest = String(us - milliseconds * 1_000).padStart(3, "0");
  return new Date(milliseconds).toISOString().replace("Z", `${rest}Z`);
}

/** Microseconds since the epoch of a time with any number of decimals; NaN when it is none. */
export function timeMicros(text: string): number {
  const decimals = FRACTION.exec(text)?.[1] ?? "";
  const whole = Date.parse(text.replace(FRACTION, ""));
  return whole * 1_000 + Number(decimals.slice(0, 6).padEnd(6, "0"));
}
