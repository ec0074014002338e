/**
 * Agent code in this thread: for `deno serve`, Deno Deploy and tests. No isolation.
 *
 * @module
 */
import type { Agent, CheckVerdict } from "../agent.ts";
import { MeshError } from "../errors.ts";
import type { CheckKind, Host } from "./host.ts";
import { runCheck } from "./run_check.ts";
import { runTool } from "./run_tool.ts";

/** Hosts `agent` in this thread. */
export function hostInThread(agent: Agent): Host {
  return {
    get manifest() {
      return agent.manifest();
    },
    onManifest: (listener) => agent.onChange(listener),
    async invoke(name, args, environment) {
      const tool = agent.tools.list().get(name);
      if (tool === undefined) {
        throw new MeshError("not_found", `agent "${agent.name}" has no tool "${name}"`);
      }
      return await runTool(name, tool, args, environment);
    },
    check: (kind: CheckKind): Promise<CheckVerdict> => runCheck(agent, kind),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
