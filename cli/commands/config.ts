/**
 * `meshctl config`: which settings are in effect.
 *
 * @module
 */
import { defineCommandGroup } from "../app/command_group.ts";
import { pathCommand } from "./config/path.ts";
import { showCommand } from "./config/show.ts";
import { SUMMARIES } from "../app/summaries.ts";

/** `meshctl config <show|path>`. */
export const configCommand = defineCommandGroup({
  name: "config",
  summary: SUMMARIES.config,
  details:
    "An option goes before the environment, that before the project's deno.json, and that\n" +
    "before the default. A value that cannot be used is an error, never passed over.",
  commands: [showCommand, pathCommand],
});
