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

/** A grant as a process for the code of one agent gets it. */
export const ChildGrantSchema = z.object({
  /** Flags of `deno run`. */
  flags: z.array(z.string()),
  /** Hosts that its code can reach. */
  net: grant,
  /** Ports of this machine among them, as `host:port`; `*` for all but those of the mesh. */
  local: z.array(z.string()),
  /** Variables that its code can read. */
  variables: z.array(z.string()),
  /** Parts of its first line that it does not get, and why. */
  left_out: z.array(z.object({ what: z.string(), why: z.string() })),
});
/** A grant as a process for the code of one agent gets it. */
export type ChildGrant = z.output<typeof ChildGrantSchema>;
