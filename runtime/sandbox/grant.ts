/**
 * What the code of an agent is granted: the permissions of its first line, and the modules that it may
 * load. Plain JSON, which crosses between processes.
 *
 * @module
 */
import * as z from "zod";

/** A Deno permission: nothing, everything, or exactly these. */
const grant = z.union([z.boolean(), z.array(z.string())]);

/** What agent code may touch; a missing kind means nothing of that kind. */
export const PermissionsSchema = z.object({
  net: grant.optional(),
  read: grant.optional(),
  write: grant.optional(),
  env: grant.optional(),
  run: grant.optional(),
  sys: grant.optional(),
  ffi: grant.optional(),
  import: grant.optional(),
  /** Variables that read as absent where they would be refused; npm packages look at many. */
  ignoreEnv: grant.optional(),
});
/** What agent code may touch. Paths are absolute. */
export type Permissions = z.output<typeof PermissionsSchema>;

/** Where the imports of an agent may lead, besides what its code may read. */
export const ReachSchema = z.object({
  /** Absolute paths of modules, and where each led when it was found, links followed. */
  files: z.record(z.string(), z.string()),
  /** Hosts of its remote modules, as `host:port`. */
  hosts: z.array(z.string()),
});
/** Where the imports of an agent may lead, besides what its code may read. */
export type Reach = z.output<typeof ReachSchema>;
