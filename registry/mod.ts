/**
 * The registry room's door.
 *
 * @module
 */
export { createRegistry, type Registry, type RegistryOptions } from "./app/registry.ts";
export { type RunningRegistry, type ServeOptions, serveRegistry } from "./app/server.ts";
export {
  processEnvironment,
  readConfig,
  type RegistryConfig,
  type ServerConfig,
} from "./config/config.ts";
export { carefulLog } from "./base/careful_log.ts";
export { surviveFailures } from "./app/last_resort.ts";
export { isMeshError, MeshError, type MeshErrorCode } from "../runtime/base/errors.ts";
export { VERSION } from "./base/version.ts";
