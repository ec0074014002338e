/**
 * A habit of a vendor, as data: where in the work of the scripted model it takes part.
 *
 * @module
 */
import type { ScriptedRequestBody } from "./scripted_step.ts";

/** A JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

/** A tool call as OpenAI writes it. */
export interface WrittenCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
  readonly [extra: string]: unknown;
}

/** An answer that is not one: an HTTP status and a body. */
export interface Refusal {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A habit, for people. */
export interface HabitDescription {
  /** The deed of the vendor, in one sentence. */
  readonly does: string;
  readonly vendor: string;
  /** A page of documentation or a public report that tells of it. */
  readonly source: string;
  /** The failure of the mesh that a request to an endpoint with it ends in, if it does. */
  readonly leadsTo?: "llm_limit" | "llm_refused" | "llm_upstream";
}

/** The ways of one vendor. Where one is absent, it does as OpenAI does. */
export interface Habit extends HabitDescription {
  /** Refuses a request; `undefined` for one that is taken. */
  refuses?(request: ScriptedRequestBody): Refusal | undefined;
  /** The deltas in which tool calls are streamed. */
  deltas?(calls: readonly WrittenCall[]): readonly Fields[];
  /** The message of a whole answer. */
  message?(message: Fields): Fields;
  /** The list of choices of an answer, or of an event of one. */
  choices?(choices: readonly Fields[]): unknown;
  /** The body of a whole answer, or the data of one event. */
  body?(body: Fields): Fields;
  /** The word an answer ends with. */
  reason?(reason: string): string | null;
  /** The deltas of text. */
  texts?(deltas: readonly string[]): readonly string[];
  /** The text of an answer: the body of a whole one, or an event of a stream, the first and the last too. */
  written?(text: string, isStream: boolean): string;
  /** Whether answers are streamed, whatever was asked for. */
  readonly streams?: boolean;
  readonly contentType?: string;
}

/** Returns a habit for each of some rows, by name. */
export function habitsOf<Row, Name extends string>(
  rows: readonly Row[],
  name: (row: Row) => Name,
  habit: (row: Row) => Habit,
): Readonly<Record<Name, Habit>> {
  const named = rows.map((row): [Name, Habit] => [name(row), habit(row)]);
  // Each name is one of a row.
  return Object.fromEntries(named) as Record<Name, Habit>;
}
