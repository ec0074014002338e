/**
 * The registry room's door.
 *
 * @module
 */
export { createRegistry, type Registry, type RegistryOptions } from "./registry.ts";
export { type RunningRegistry, type ServeOptions, serveRegistry } from "./server.ts";
export {
  processEnvironment,
  readConfig,
  type RegistryConfig,
  type ServerConfig,
} from "./config.ts";
export { carefulLog } from "./careful_log.ts";
export { surviveFailures } from "./last_resort.ts";
export { RegistryError, type RegistryErrorCode } from "./error.ts";
export { VERSION } from "./version.ts";
