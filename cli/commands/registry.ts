/**
 * `meshctl registry`: administer a registry.
 *
 * @module
 */
import { defineCommandGroup } from "../app/command_group.ts";
import { drainCommand } from "./registry/drain.ts";
import { resumeCommand } from "./registry/resume.ts";
import { registryStatusCommand } from "./registry/status.ts";
import { SUMMARIES } from "../app/summaries.ts";

/** `meshctl registry <drain|resume|status>`. */
export const registryCommand = defineCommandGroup({
  name: "registry",
  summary: SUMMARIES.registry,
  details:
    "A registry that is not on this machine asks for its operators' secret, which is taken\n" +
    "from MCP_MESH_ADMIN_TOKEN.",
  commands: [drainCommand, resumeCommand, registryStatusCommand],
});
