/**
 * The toolbox of a call as its handler sees it. On the side of the agent's code.
 *
 * @module
 */
import { isMeshError, MeshError } from "../base/errors.ts";
import type { Toolbox, ToolboxTool } from "../define/toolbox.ts";
import { dependencyFailure } from "./dependency_client.ts";
import {
  type AgentRequest,
  type CallEnvironment,
  type DependencyPort,
  toolPort,
} from "../boundary/host.ts";
import { parseExact } from "../base/exact_json.ts";
import { ofCurrentSpan } from "./otel.ts";
import { sendable } from "../boundary/sendable.ts";
import { either } from "../base/within.ts";

/** The tools that were lent to a call. */
export function toolboxOf(environment: CallEnvironment): Toolbox {
  const tools = environment.toolbox.map((lent): [string, ToolboxTool] => [lent.name, {
    ...lent,
    call: async (args, { signal, timeoutMs, exact = false } = {}) => {
      try {
        const request = await sendable({ method: "tools/call", args }, lent.name);
        const value = await portOf(environment, lent.name).call(exact ? asText(request) : request, {
          signal: either(environment.signal, signal),
          ...ofCurrentSpan(),
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
        });
        // The port of an exact request answers with text.
        return exact ? parseExact(value as string) : value;
      } catch (error) {
        if (!isMeshError(error)) throw error;
        throw dependencyFailure(lent.name, error, error.message);
      }
    },
  }]);
  return new Map(tools);
}

function asText(request: AgentRequest): AgentRequest {
  if (request.method !== "tools/call") return request;
  return { ...request, args: {}, exact: JSON.stringify(request.args) };
}

function portOf(environment: CallEnvironment, name: string): DependencyPort {
  const port = environment.dependencies.get(toolPort(name));
  if (port === undefined) throw new MeshError("not_found", `there is no tool "${name}" here`);
  return port;
}
