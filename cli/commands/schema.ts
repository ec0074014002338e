/**
 * `meshctl schema`: the schemas that agents published.
 *
 * @module
 */
import { defineCommandGroup } from "../command_group.ts";
import { diffCommand } from "./schema/diff.ts";
import { SUMMARIES } from "../summaries.ts";

/** `meshctl schema <diff>`. */
export const schemaCommand = defineCommandGroup({
  name: "schema",
  summary: SUMMARIES.schema,
  details: "What there is: `list --schemas`.",
  commands: [diffCommand],
});
