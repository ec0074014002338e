/**
 * Several habits of vendors, played at once: each takes over what the one before has made. Pure.
 *
 * @module
 */
import { openAiDeltas } from "./call_habits.ts";
import type { Fields, Habit, Refusal, WrittenCall } from "./habit.ts";
import type { ScriptedRequestBody } from "./scripted_step.ts";

/** Habits that are played at once. */
export class Habits {
  readonly #habits: readonly Habit[];

  constructor(habits: readonly Habit[]) {
    this.#habits = habits;
  }

  /** Whether an answer is streamed to a request. */
  streams({ stream = false }: ScriptedRequestBody): boolean {
    return this.#habits.findLast(({ streams }) => streams !== undefined)?.streams ?? stream;
  }

  contentType(type: string): string {
    return this.#habits.findLast(({ contentType }) => contentType)?.contentType ?? type;
  }

  /** Whether the text of an answer is changed as a whole. */
  get areOfTheText(): boolean {
    return this.#habits.some(({ written }) => written !== undefined);
  }

  refusal(request: ScriptedRequestBody): Refusal | undefined {
    return this.#habits.map(({ refuses }) => refuses?.(request))
      .find((refusal) => refusal !== undefined);
  }

  deltas(calls: readonly WrittenCall[]): readonly Fields[] {
    const deltas = this.#habits.findLast(({ deltas }) => deltas !== undefined)?.deltas;
    return calls.length === 0 ? [] : (deltas ?? openAiDeltas)(calls);
  }

  message(message: Fields): Fields {
    return this.#habits.reduce((message, habit) => habit.message?.(message) ?? message, message);
  }

  /** Only a list is given to the next habit. */
  choices(choices: readonly Fields[]): unknown {
    return this.#habits.reduce<unknown>(
      (choices, habit) =>
        Array.isArray(choices) && habit.choices !== undefined ? habit.choices(choices) : choices,
      choices,
    );
  }

  body(body: Fields): Fields {
    return this.#habits.reduce((body, habit) => habit.body?.(body) ?? body, body);
  }

  reason(reason: string): string | null {
    return this.#habits.reduce<string | null>(
      (reason, habit) =>
        reason === null || habit.reason === undefined ? reason : habit.reason(reason),
      reason,
    );
  }

  texts(deltas: readonly string[]): readonly string[] {
    return this.#habits.reduce((deltas, habit) => habit.texts?.(deltas) ?? deltas, deltas);
  }

  written(text: string, isStream: boolean): string {
    return this.#habits.reduce((text, habit) => habit.written?.(text, isStream) ?? text, text);
  }
}

/** OpenAI's own ways. */
export const NO_HABITS = new Habits([]);
