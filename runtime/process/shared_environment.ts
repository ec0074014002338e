/**
 * The environment that several agents of one process share.
 *
 * @module
 */
import type { Environment } from "../base/environment.ts";
import { MeshError } from "../base/errors.ts";

/**
 * Refuses what names a single agent and so cannot hold for all of them.
 *
 * @throws {MeshError} `bad_config`, naming the variable.
 */
export function refuseUnshareable(environment: Environment): void {
  for (const name of ["MCP_MESH_AGENT_NAME", "MCP_MESH_AGENT_ID", "MCP_MESH_INSTANCE_TOKEN"]) {
    const value = environment[name];
    if (value) {
      // A token is a secret.
      const shown = name === "MCP_MESH_INSTANCE_TOKEN" ? name : `${name}=${value}`;
      throw new MeshError(
        "bad_config",
        `${shown} cannot hold for several agents in one process; unset it or start them without --pack`,
      );
    }
  }
  const port = environment["MCP_MESH_HTTP_PORT"];
  if (port && port !== "0") {
    throw new MeshError(
      "bad_config",
      `MCP_MESH_HTTP_PORT=${port} cannot hold for several agents in one process; set it to 0 or unset it`,
    );
  }
}
