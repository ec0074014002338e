/**
 * Opens what an agent holds while it is served, on the side of the agent's code.
 *
 * @module
 */
import { asMeshError } from "../base/errors.ts";
import type { Lifespan } from "../define/servable.ts";
import type { LifespanEnvironment } from "../boundary/host.ts";
import { loggerOf } from "./run_operation.ts";

/**
 * Runs the agent's lifespan, if it has one.
 *
 * @returns How to let go of what it opened.
 * @throws {MeshError} What it threw; `bad_definition` for anything but a MeshError.
 */
export async function openLifespan(
  agent: { readonly lifespan?: Lifespan | undefined },
  environment: LifespanEnvironment,
): Promise<AsyncDisposable | undefined> {
  try {
    return await agent.lifespan?.({
      log: loggerOf(environment),
      checkHealth: () => environment.checkHealth(),
      dataFolder: environment.dataFolder,
    });
  } catch (error) {
    throw asMeshError(error, "bad_definition");
  }
}
