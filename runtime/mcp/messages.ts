/**
 * What a prompt's handler returns, as MCP `GetPromptResult`.
 *
 * @module
 */
import * as z from "zod";
import { MeshError } from "../errors.ts";
import type { Outcome } from "./result.ts";

const MessagesSchema = z.array(z.object({
  role: z.enum(["user", "assistant"]),
  content: z.looseObject({ type: z.string() }),
}));
const ResultSchema = z.union([
  z.string().transform((text) => ({
    messages: [{ role: "user" as const, content: { type: "text", text } }],
  })),
  MessagesSchema.transform((messages) => ({ messages })),
  z.looseObject({ description: z.string().optional(), messages: MessagesSchema }),
]);

/**
 * The outcome of a prompt.
 *
 * @throws {MeshError} `bad_output` for anything but text or messages.
 */
export function encodeMessages(returned: unknown): Outcome {
  const parsed = ResultSchema.safeParse(returned);
  if (parsed.success) return { kind: "result", result: parsed.data };
  throw new MeshError(
    "bad_output",
    "a prompt must return text, messages with a role and content, or an object with such messages",
  );
}
