/**
 * Binding a port for an agent.
 *
 * @module
 */
import { MeshError } from "../base/errors.ts";
import { listen as bind, type Listener, type ListenOptions, PortTaken } from "../base/listen.ts";

export type { Listener };

/**
 * Listens and serves; see `protocol/listen.ts`.
 *
 * @throws {MeshError} `port_taken` naming the port; never silently another port.
 */
export function listen(options: ListenOptions): Listener {
  try {
    return bind(options);
  } catch (cause) {
    if (!(cause instanceof PortTaken)) throw cause;
    throw new MeshError(
      "port_taken",
      `${cause.message}; stop its holder, or choose another port with MCP_MESH_HTTP_PORT (0 = any free one)`,
      { cause, details: { port: cause.port } },
    );
  }
}
