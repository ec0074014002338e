/**
 * The habits of language model vendors that a scripted model can play: how an endpoint that calls itself
 * OpenAI-compatible writes its answers otherwise, breaks off, or refuses what OpenAI takes. Those that the
 * engine has tables of are made of its rows. Pure.
 *
 * @module
 */
import { answerHabits } from "./answer_habits.ts";
import { callHabits } from "./call_habits.ts";
import { failureHabits } from "./failure_habits.ts";
import type { Habit, HabitDescription } from "./habit.ts";
import { refusalHabits } from "./refusal_habits.ts";

const ALL = { ...callHabits, ...answerHabits, ...failureHabits, ...refusalHabits };

/** The name of a habit. */
export type HabitName = keyof typeof ALL;

/** Every habit, by name: what the vendor does, where that is said, and what comes of it. */
export const HABITS: Readonly<Record<HabitName, HabitDescription>> = ALL;

/** Returns habits as they are played. */
export function habitsNamed(names: HabitName | readonly HabitName[]): readonly Habit[] {
  return [names].flat().map((name) => ALL[name]);
}
