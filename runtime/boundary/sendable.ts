/**
 * Requests of agent code as the other agent will get them.
 *
 * @module
 */
import { after, jsonForm } from "../base/json_form.ts";
import type { AgentRequest } from "./host.ts";

/**
 * A request whose arguments are in their JSON form.
 *
 * @param to Whom it is for, for the message.
 * @returns A promise when there are Blobs to read.
 * @throws {MeshError} `bad_input` when they have none.
 */
export function sendable(
  request: AgentRequest,
  to: string,
): AgentRequest | Promise<AgentRequest> {
  if (!("args" in request)) return request;
  const form = jsonForm(request.args, { code: "bad_input", what: `what is asked of ${to}` });
  if (form === request.args) return request;
  // Its form is of the kind it is of itself.
  return after(form, (args) => ({ ...request, args }) as AgentRequest);
}
