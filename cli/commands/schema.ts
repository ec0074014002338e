/**
 * `meshctl schema`: the schemas that agents published.
 *
 * @module
 */
import { defineCommandGroup } from "../app/command_group.ts";
import { diffCommand } from "./schema/diff.ts";
import { SUMMARIES } from "../app/summaries.ts";

/** `meshctl schema <diff>`. */
export const schemaCommand = defineCommandGroup({
  name: "schema",
  summary: SUMMARIES.schema,
  details: "What there is: `list --schemas`.",
  commands: [diffCommand],
});
