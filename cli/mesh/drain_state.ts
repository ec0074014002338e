/**
 * Reads and changes whether a registry hands out jobs.
 *
 * @module
 */
import type { OptionTable } from "../app/option.ts";
import { REGISTRY_OPTIONS } from "./registry_address.ts";
import { type DrainState, DrainStateSchema } from "../../runtime/protocol/drain.ts";
import { CliError, EXIT } from "../base/exit.ts";
import type { RegistryClient } from "./registry_client.ts";

/** The options that all questions about the drain have. */
export const DRAIN_OPTIONS = {
  json: { type: "boolean", help: "Print JSON" },
  timeout: { type: "number", value: "SECONDS", default: 30, help: "Limit of a request" },
  ...REGISTRY_OPTIONS,
} as const satisfies OptionTable;

/** What is to happen: look, stop handing out jobs, or go on. */
export type DrainMethod = "GET" | "POST" | "DELETE";

/**
 * Asks for the state, after the change if there is one.
 *
 * @param token Secret of the registry's operators, if there is one.
 * @throws {CliError} exit 1 when the registry lets nobody, or not this user, ask; 4 when it does not
 * answer.
 */
export function askDrain(
  client: RegistryClient,
  method: DrainMethod,
  token: string | undefined,
): Promise<DrainState> {
  return client.ask({
    path: "/admin/drain",
    schema: DrainStateSchema,
    method,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    refusal: (status, reason) => refusal(client.url, status, reason, token !== undefined),
  });
}

function refusal(
  url: string,
  status: number,
  reason: string,
  hasToken: boolean,
): CliError | undefined {
  if (status === 401 || status === 403) {
    const hint = hasToken
      ? "MCP_MESH_ADMIN_TOKEN is set here to something else than on the registry's side."
      : "Set MCP_MESH_ADMIN_TOKEN to the registry's token, or run this on the registry's machine.";
    return new CliError(
      EXIT.failure,
      `the registry at ${url} does not let you administer it: ${reason}`,
      { hint },
    );
  }
  if (status !== 404) return undefined;
  return new CliError(EXIT.failure, `the registry at ${url} has no /admin/drain`, {
    hint: "If it serves administration on a port of its own (MCP_MESH_ADMIN_PORT), name that " +
      "with --registry-port.",
  });
}
