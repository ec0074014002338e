/**
 * The agent's code in a worker. The module that a worker is created with (see
 * `sandbox/worker_link.ts`) calls {@linkcode runWorker} and nothing else.
 *
 * @module
 */
import type { FromAgent } from "../../boundary/agent_messages.ts";
import { handover } from "../../sandbox/handover.ts";
import { closeScope } from "./closed_scope.ts";
import { Outbox } from "../../sandbox/outbox.ts";
import { failure, loadAgentCode, type TrustedSide } from "../isolated/agent_code.ts";
import { followRefusals, forwardConsole } from "../isolated/side_effects.ts";
import { announceExit, type WorkerScope } from "./worker_scope.ts";

/**
 * Loads an agent module and serves its tools to the trusted side for as long as the worker lives.
 *
 * @param file URL of the module.
 * @param load Imports a module, from the worker's own first one.
 */
export async function runWorker(
  file: string,
  load: (url: string) => Promise<{ default?: unknown }>,
): Promise<void> {
  // Workers have no typed global scope here; WorkerScope is the part that is used.
  const scope = globalThis as unknown as WorkerScope;
  const send = closeScope(scope);
  const outbox = new Outbox<FromAgent>(
    send,
    (message, cause) => {
      if (!("call" in message) || message.call === undefined) return;
      const error = failure(cause, "bad_output");
      outbox.post({ type: "error", call: message.call, error });
    },
  );
  const trusted = trustedSide(outbox);
  forwardConsole(trusted.post);
  followRefusals((message) => outbox.post({ type: "refused", message }));
  announceExit(scope, trusted.post);
  const code = await loadAgentCode(file, load, trusted);
  if (code === undefined) return;
  scope.addEventListener("message", ({ data }) => {
    for (const message of data) code.receive(message);
  });
  code.announce();
}

function trustedSide(outbox: Outbox<FromAgent>): TrustedSide {
  return {
    post: (message) => isPlain(message) ? outbox.post(message) : outbox.postNow(message),
    postBytes(given, message) {
      const { bytes, transfer } = handover(given, false);
      outbox.post(message(bytes), transfer);
    },
  };
}

/** A ready-made result, a question or a chunk may hold what cannot cross; then only it fails. */
function isPlain(message: FromAgent): boolean {
  return message.type === "outcome" && message.outcome.kind === "value";
}
