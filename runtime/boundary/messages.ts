/**
 * What a prompt's handler returns, as MCP `GetPromptResult`.
 *
 * @module
 */
import * as z from "zod";
import { MeshError } from "../base/errors.ts";
import { after, type FormOf, jsonForm } from "../base/json_form.ts";
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

const PROMPT: FormOf = { code: "bad_output", what: "the prompt" };

/**
 * The outcome of a prompt.
 *
 * @returns A promise when there are Blobs to read.
 * @throws {MeshError} `bad_output` for anything but text or messages.
 */
export function encodeMessages(returned: unknown): Outcome | Promise<Outcome> {
  const parsed = ResultSchema.safeParse(returned);
  if (parsed.success) {
    // Its form has the members it has.
    const form = jsonForm(parsed.data, PROMPT) as typeof parsed.data;
    return after(form, (result) => ({ kind: "result", result }));
  }
  throw new MeshError(
    "bad_output",
    "a prompt must return text, messages with a role and content, or an object with such messages",
  );
}
