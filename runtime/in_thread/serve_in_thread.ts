/**
 * Serving an agent in this process, with its code in this thread.
 *
 * @module
 */
import { standardErrorLog } from "../base/log.ts";
import type { Servable } from "../define/servable.ts";
import type { ServeOptions } from "../define/serving.ts";
import { agentConfig, readEnvironment } from "../node/config.ts";
import { type ServedAgent, serveHost } from "../node/serve.ts";
import { hostInThread } from "./in_thread.ts";

/** Serves `agent` with its code in this thread. See `Agent.serve`. */
export async function serveInThread(agent: Servable, options: ServeOptions): Promise<ServedAgent> {
  const environment = options.env ?? readEnvironment();
  const config = agentConfig(environment, agent.manifest());
  const log = standardErrorLog(config);
  return await serveHost(hostInThread(agent), environment, log, options);
}
