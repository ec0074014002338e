/**
 * Readers of the members of a message that agent code has sent; see received.ts.
 *
 * @module
 */
import type * as z from "zod";
import { MESSAGE_MAX } from "../base/bounded_body.ts";
import { abridged, shortened } from "../base/cut_text.ts";
import { MeshError } from "../base/errors.ts";
import { isRecord, NotPlain } from "./plain_copy.ts";

/** Longest text for people, in UTF-16 units. */
const NOTE_MAX = 64 * 1024;
/** Most headers of a request, and of a response. */
export const HEADER_COUNT_MAX = 10_000;
/** Longest name, URI and header, in UTF-16 units. */
export const NAME_MAX: number = 64 * 1024;

/** An object whose members are not known yet. */
export type Members = Readonly<Record<string, unknown>>;

/** Returns the refusal of a member that is not of its kind. */
export function flawed(member: string, expected: string): NotPlain {
  return new NotPlain(`has no ${member} that is ${expected}`);
}

/**
 * Reads a message.
 *
 * @param read Throws {@linkcode NotPlain} for a flaw.
 * @throws {MeshError} As {@linkcode refusal}.
 */
export function readWith<T>(read: (message: Members) => T, message: Members): T {
  try {
    return read(message);
  } catch (error) {
    if (error instanceof NotPlain) throw refusal(error.message, message, error);
    throw error;
  }
}

/** Returns the refusal of a message; it continues "the code of the agent". */
export function refusal(flaw: string, message?: Members, cause?: unknown): MeshError {
  const type = message?.["type"];
  const which = typeof type === "string" ? ` of type ${JSON.stringify(shortened(type, 40))}` : "";
  return new MeshError("protocol", `sent a message${which} that ${flaw}`, { cause });
}

/** Reads the number of a call or of a dependency call. */
export function number(message: Members, member: string): number {
  const value = message[member];
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw flawed(member, "a number of a call");
  }
  return value;
}

/** Reads a number that is neither infinite nor NaN. */
export function finite(message: Members, member: string): number {
  const value = message[member];
  if (typeof value !== "number" || !Number.isFinite(value)) throw flawed(member, "a finite number");
  return value;
}

/** Reads a text, of a longer one the beginning. */
export function text(message: Members, member: string, max: number): string {
  const value = message[member];
  if (typeof value !== "string") throw flawed(member, "a text");
  return abridged(value, max);
}

/** Reads a text for people, of a longer one the beginning. */
export function note(message: Members, member: string): string {
  return text(message, member, NOTE_MAX);
}

/** Reads a text that would mean nothing any more where it is cut. */
export function name(message: Members, member: string): string {
  const value = message[member];
  if (typeof value !== "string" || value.length > NAME_MAX) {
    throw flawed(member, `a text of at most ${NAME_MAX} characters`);
  }
  return value;
}

/** Reads JSON text, which is not looked into. */
export function jsonText(message: Members, member: string): string {
  const value = message[member];
  if (typeof value !== "string" || value.length > MESSAGE_MAX) {
    throw flawed(member, `a JSON text of at most ${MESSAGE_MAX} characters`);
  }
  return value;
}

/** Reads an object. */
export function record(message: Members, member: string): Members {
  const value = message[member];
  if (!isRecord(value)) throw flawed(member, "an object");
  return value;
}

/** Reads a member that may be missing. */
export function optional<T>(
  message: Members,
  member: string,
  read: (message: Members, member: string) => T,
): T | undefined {
  return message[member] === undefined ? undefined : read(message, member);
}

/** Reads a member that may be missing, as a part of an object that lacks it then as well. */
export function given<K extends string, T>(
  message: Members,
  member: K,
  read: (message: Members, member: string) => T,
): Part<K, T> {
  const value = optional(message, member, read);
  // One member of that name is what the type says.
  return (value === undefined ? NOTHING : { [member]: value }) as Part<K, T>;
}

const NOTHING = {};

/** An object with one member, or none. */
type Part<K extends string, T> = { readonly [Key in K]?: Exclude<T, undefined> };

/** Reads true or false. */
export function truth(message: Members, member: string): boolean {
  const value = message[member];
  if (typeof value !== "boolean") throw flawed(member, "true or false");
  return value;
}

/** Reads the name or the value of a header. */
export function headerText(value: unknown): string {
  if (typeof value !== "string" || value.length > NAME_MAX) {
    throw flawed("header", `a text of at most ${NAME_MAX} characters`);
  }
  return value;
}

/** Reads plain data by a schema; `flaw` ends the sentence about a message that does not fit. */
export function parsed<S extends z.ZodType>(schema: S, value: unknown, flaw: string): z.output<S> {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  const where = issue === undefined ? "" : `: ${issue.path.join(".")}: ${issue.message}`;
  throw new NotPlain(`${flaw}${shortened(where, 300)}`);
}
