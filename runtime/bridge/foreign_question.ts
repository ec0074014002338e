/**
 * What an MCP server asks of the client behind a call, as questions of ours. What is asked and what is
 * answered is between the two of them.
 *
 * @module
 */
import * as z from "zod";
import type { Question } from "../define/ask.ts";
import { MeshError } from "../base/errors.ts";

const RequestSchema = z.object({
  method: z.enum(["elicitation/create", "sampling/createMessage", "roots/list"]),
  params: z.record(z.string(), z.unknown()).optional(),
});

/**
 * The questions of an `input_required` result (MCP multi-round-trip requests).
 *
 * @throws {MeshError} `protocol` for what the specification does not know.
 */
export function questionsOf(inputRequests: unknown): Record<string, Question<unknown>> {
  const parsed = z.record(z.string(), RequestSchema).safeParse(inputRequests ?? {});
  if (!parsed.success) throw new MeshError("protocol", "the server asks back in no known way");
  return Object.fromEntries(
    Object.entries(parsed.data).map(([key, request]) => [key, questionOf(request)]),
  );
}

/** The question of a request that a server sent of its own accord; `undefined` for what is none. */
export function questionOfRequest(request: unknown): Question<unknown> | undefined {
  const parsed = RequestSchema.safeParse(request);
  return parsed.success ? questionOf(parsed.data) : undefined;
}

function questionOf({ method, params }: z.output<typeof RequestSchema>): Question<unknown> {
  return {
    request: { method, ...(params === undefined ? {} : { params }) },
    capability: capabilityOf(method, params?.["mode"]),
    read: (answer) => answer,
  };
}

function capabilityOf(method: string, mode: unknown): Record<string, unknown> {
  switch (method) {
    case "elicitation/create":
      return { elicitation: mode === "url" ? { url: {} } : { form: {} } };
    case "sampling/createMessage":
      return { sampling: {} };
    default:
      return { roots: {} };
  }
}
