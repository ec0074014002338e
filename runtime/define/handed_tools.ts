/**
 * The tools of a conversation as a consumer hands them to a provider: OpenAI's function tools, with
 * where each is called inside of `function`, as the reference writes and reads it. Tools without an
 * address are left to the consumer.
 *
 * @module
 */
import * as z from "zod";
import { type ChatTool, ChatToolSchema } from "./contract.ts";
import type { LentTool, Toolbox } from "./toolbox.ts";

/** Begins the names of what is between consumer and provider, and for no vendor. */
const OURS = "_mesh_";

/**
 * Writes the tools of a request.
 *
 * @param left Whether they are left to the consumer, who asks before it runs them.
 */
export function writeHandedTools(toolbox: Toolbox, left: boolean): ChatTool[] {
  return [...toolbox.values()].map(({ name, description, inputSchema, target }) => ({
    type: "function",
    function: {
      name,
      description,
      parameters: { ...inputSchema },
      ...(left ? {} : { _mesh_endpoint: target.endpoint }),
      ...(name === target.tool ? {} : { _mesh_name: target.tool }),
    },
  }));
}

const where = {
  _mesh_endpoint: z.url({ protocol: /^https?$/ }).optional(),
  _mesh_name: z.string().optional(),
};
const HandedSchema = z.looseObject({
  function: z.looseObject({
    name: z.string(),
    description: z.string().nullish(),
    parameters: z.record(z.string(), z.unknown()).nullish(),
    ...where,
  }),
  // Some consumers of this runtime write both beside `function`.
  ...where,
});

/** The tools that the arguments of a call to a provider hand over; what cannot be reached is left out. */
export function readHandedTools(args: Record<string, unknown>): LentTool[] {
  return toolsOf(args).flatMap((tool) => {
    const { data } = HandedSchema.safeParse(tool);
    const endpoint = data?.function._mesh_endpoint ?? data?._mesh_endpoint;
    if (data === undefined || endpoint === undefined) return [];
    const { name, description, parameters, _mesh_name = data._mesh_name } = data.function;
    return [{
      name,
      description: description ?? "",
      inputSchema: parameters ?? {},
      target: { agentId: endpoint, tool: _mesh_name ?? name, endpoint },
      agent: "",
    }];
  });
}

/** A tool as a model's engine sees it: addresses of the mesh are not for vendors. */
export function withoutAddress({ function: described, ...tool }: ChatTool): ChatTool {
  return ChatToolSchema.parse({ ...withoutOurs(tool), function: withoutOurs(described) });
}

function withoutOurs(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !name.startsWith(OURS)));
}

/**
 * The arguments of a call to a provider of the reference, which knows tools by their agents' names
 * alone: of those that have one name, the first.
 */
export function forReference(args: Record<string, unknown>): Record<string, unknown> {
  const byName = new Map<string, unknown>();
  for (const tool of toolsOf(args)) {
    const { function: { _mesh_name, ...described }, ...rest } = ChatToolSchema.parse(tool);
    const name = _mesh_name ?? described.name;
    if (!byName.has(name)) byName.set(name, { ...rest, function: { ...described, name } });
  }
  return byName.size === 0
    ? args
    : { ...args, request: { ...RequestSchema.parse(args).request, tools: [...byName.values()] } };
}

/** Whether tools of a call to a provider are left to the consumer. */
export function leavesTools(args: Record<string, unknown>): boolean {
  return readHandedTools(args).length < toolsOf(args).length;
}

const RequestSchema = z.looseObject({
  request: z.looseObject({ tools: z.array(z.unknown()).nullish() }),
});

function toolsOf(args: Record<string, unknown>): readonly unknown[] {
  return RequestSchema.safeParse(args).data?.request.tools ?? [];
}
