/**
 * JSON as the reference's schema normaliser reads and prints it: objects sorted by the bytes of
 * their keys, no spaces, text unescaped, and numbers that remember whether they were written as
 * floats (`1.0` stays `1.0`). Hashes are taken over this text, so every byte counts.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** A number written with a fraction or an exponent whose value happens to be whole. */
export class WrittenFloat {
  /** @param value The number. */
  constructor(readonly value: number) {}

  /** As an ordinary number, where no byte counts. */
  toJSON(): number {
    return this.value;
  }
}

/** Largest and smallest whole numbers that are printed as such: those of 64 bits. */
const LARGEST_INTEGER = 2n ** 64n - 1n;
const SMALLEST_INTEGER = -(2n ** 63n);

/**
 * Reads JSON text; whole floats become {@linkcode WrittenFloat}.
 *
 * @throws SyntaxError When it is not JSON.
 */
export function readJson(text: string): unknown {
  return JSON.parse(text, (_key, value, context?: { source?: string }) => {
    const written = typeof value === "number" && /[.eE]/.test(context?.source ?? "");
    return written && Number.isInteger(value) ? new WrittenFloat(value) : value;
  });
}

/** Orders texts by their UTF-8 bytes, which is not the order of `<` beyond the basic plane. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Prints a JSON value; two equal values print equally. */
export function printJson(value: unknown): string {
  if (value instanceof WrittenFloat) return printFloat(value.value);
  if (typeof value === "number") return printNumber(value);
  if (Array.isArray(value)) return `[${value.map(printJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => byBytes(a, b))
    .map(([key, member]) => `${JSON.stringify(key)}:${printJson(member)}`);
  return `{${members.join(",")}}`;
}

function printNumber(value: number): string {
  if (!Number.isInteger(value)) return Number.isFinite(value) ? printFloat(value) : "null";
  const whole = BigInt(value);
  // JavaScript writes whole numbers from 1e21 on with an exponent: another reader sees a float.
  const isInteger = whole <= LARGEST_INTEGER && whole >= SMALLEST_INTEGER;
  return isInteger ? JSON.stringify(value) : printFloat(value);
}

/**
 * The shortest digits that read back as the same float, with the decimal point always there:
 * plain from 1e-5 up to 1e16, with an exponent beyond.
 */
function printFloat(value: number): string {
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const [mantissa = "0", exponent = "0"] = Math.abs(value).toExponential().split("e");
  const digits = mantissa.replace(".", "");
  const point = digits === "0" ? 1 : Number(exponent) + 1;
  if (point > 16 || point <= -5) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
    return `${sign}${digits[0]}${fraction}e${point - 1}`;
  }
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  const whole = digits.slice(0, point).padEnd(point, "0");
  return `${sign}${whole}.${digits.slice(point) || "0"}`;
}
