/**
 * Reading of what agent code asks of others: dependency calls, and notices to subscribers. The agent's
 * side reads its own with it too, so that a flaw is the failure of one call.
 *
 * @module
 */
import type { FromAgent } from "./agent_messages.ts";
import type { AgentRequest } from "./host.ts";
import {
  finite,
  flawed,
  given,
  HEADER_COUNT_MAX,
  headerText,
  jsonText,
  type Members,
  name,
  number,
  record,
  truth,
} from "./members.ts";
import { plainCopy } from "./plain_copy.ts";

const METHODS_WITHOUT_PARAMETERS = ["tools/list", "prompts/list", "resources/list"] as const;

/** Reads the notice that a resource has changed. */
export function updateMessage(message: Members): FromAgent {
  return { type: "resource_updated", uri: name(message, "uri") };
}

/** Reads a dependency call. */
export function portMessage(message: Members): FromAgent {
  const options = record(message, "options");
  return {
    type: "port",
    port: number(message, "port"),
    call: number(message, "call"),
    dependency: name(message, "dependency"),
    request: requestOf(record(message, "request")),
    options: {
      ...given(options, "timeoutMs", finite),
      ...given(options, "headers", headersOf),
      ...given(options, "idempotencyKey", name),
      ...given(options, "stallMs", finite),
      ...given(options, "parentSpanId", name),
    },
    streaming: truth(message, "streaming"),
  };
}

function headersOf(message: Members, member: string): Readonly<Record<string, string>> {
  const headers = Object.entries(record(message, member));
  if (headers.length > HEADER_COUNT_MAX) throw flawed(member, "of fewer headers");
  return Object.fromEntries(
    headers.map(([name, value]) => [headerText(name), headerText(value)]),
  );
}

function requestOf(request: Members): AgentRequest {
  const { method } = request;
  switch (method) {
    case "tools/call":
      return {
        method,
        ...given(request, "tool", name),
        ...given(request, "twin", truth),
        // Anything but an object is refused by the provider, whose input schema is of an object.
        args: (request["args"] === undefined ? {} : plainCopy(request["args"])) as Record<
          string,
          unknown
        >,
        ...given(request, "exact", jsonText),
      };
    case "prompts/get":
      return {
        method,
        name: name(request, "name"),
        // The provider refuses arguments that are not texts.
        args: plainCopy(record(request, "args")) as Record<string, string>,
      };
    case "resources/read":
      return { method, uri: name(request, "uri") };
    default: {
      const listed = METHODS_WITHOUT_PARAMETERS.find((each) => each === method);
      if (listed === undefined) throw flawed("method", "one that agents are asked with");
      return { method: listed };
    }
  }
}
