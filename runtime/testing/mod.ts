/**
 * The testing kit: what tests of agents import as `"mesh/testing"`.
 *
 * @module
 */
export {
  type FakeOptions,
  type JoinOptions,
  type TestAgent,
  type TestCallOptions,
  type TestMesh,
  testMesh,
  type TestStream,
  type TestStreamOptions,
} from "./mesh.ts";
export type { HabitDescription } from "./habit.ts";
export { type HabitName, HABITS } from "./habits.ts";
export {
  type ScriptedLlm,
  scriptedLlm,
  type ScriptedLlmOptions,
  type ScriptedRequest,
} from "./scripted_llm.ts";
export type {
  ScriptedMessage,
  ScriptedRequestBody,
  ScriptedStep,
  ScriptedToolCall,
} from "./scripted_step.ts";
