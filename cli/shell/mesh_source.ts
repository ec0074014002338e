/**
 * What completion asks a mesh, remembered for a few seconds: nobody wants to wait at every Tab.
 *
 * @module
 */
import { healthyAgents } from "../mesh/agent_reference.ts";
import type { Context } from "../app/context.ts";
import type { RegistryClient } from "../mesh/registry_client.ts";
import { agentTools } from "../view/tool_description.ts";
import { findTool, isInternalTool, offeredTools } from "../mesh/tool_reference.ts";
import type { CompletionSource } from "./completion.ts";

/** How long an answer is good for, milliseconds. */
const FRESH_MS = 5_000;
/** Limit of a request, seconds; longer than this nobody waits for a completion. */
const TIMEOUT = 2;

/** Asks the mesh of `client`. */
export function meshSource(
  client: RegistryClient,
  options: readonly string[],
  context: Context,
): CompletionSource {
  const remembered = new Map<string, { until: number; value: Promise<unknown> }>();
  const remember = <T>(key: string, ask: () => Promise<T>): Promise<T> => {
    const known = remembered.get(key);
    // Each key has one type of value, that of its `ask`.
    if (known !== undefined && known.until > context.now()) return known.value as Promise<T>;
    const value = ask();
    remembered.set(key, { until: context.now() + FRESH_MS, value });
    value.catch(() => remembered.delete(key));
    return value;
  };
  const agents = () =>
    remember("agents", async () => healthyAgents((await client.listAgents()).agents));
  return {
    options,
    tools: async () => {
      const offered = offeredTools(await agents()).filter(({ tool }) => !isInternalTool(tool));
      return offered.flatMap(({ agent, tool }) => [
        tool.function_name,
        `${agent.name}:${tool.function_name}`,
      ]);
    },
    schema: async (reference) => {
      const { agent, tool } = findTool(reference, await agents());
      const tools = await remember(
        `tools of ${agent.id}`,
        () => agentTools(agent, client.url, TIMEOUT, context),
      );
      return tools.find(({ name }) => name === tool.function_name)?.inputSchema;
    },
  };
}
