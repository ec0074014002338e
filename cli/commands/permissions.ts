/**
 * `meshctl permissions`: what agents may touch, and what they were refused.
 *
 * @module
 */
import { defineCommand } from "../app/command.ts";
import { EXIT } from "../base/exit.ts";
import { findLocalAgent } from "../mesh/local_reference.ts";
import { jsonText } from "../output/json.ts";
import { blocks } from "../output/output.ts";
import { permissionBlock, permissionJson } from "../view/permission_view.ts";
import { meshHome } from "../machine/home.ts";
import { runningAgents } from "../machine/records.ts";
import { SUMMARIES } from "../app/summaries.ts";

/** `meshctl permissions [agent]`. */
export const permissionsCommand = defineCommand({
  name: "permissions",
  summary: SUMMARIES.permissions,
  usage: "[agent]",
  details:
    "What an agent's code may touch is in the first line of its file; besides, it may import its\n" +
    "own modules and packages, keep files in its data folder, as many as MCP_MESH_DATA_LIMIT\n" +
    "allows, and print. What it is refused is counted here until the agent is started anew. Known of the agents of this machine.",
  positionals: { min: 0, max: 1 },
  options: { json: { type: "boolean", help: "Print JSON" } },
  examples: [
    { line: "permissions", note: "All agents of this machine" },
    { line: "permissions flight", note: "The agent whose name begins with flight" },
  ],
  run: async (context, { options, positionals: [reference] }) => {
    const running = await runningAgents(meshHome(context.config.home));
    const shown = reference === undefined ? running : [findLocalAgent(reference, running)];
    const records = shown.map(({ record }) => record);
    if (options.json) {
      context.stdout.write(jsonText({ agents: records.map(permissionJson) }));
      return EXIT.ok;
    }
    if (records.length === 0) context.stderr.write("No agent runs on this machine.\n");
    const { palette, columns } = context.stdout;
    context.stdout.lines(blocks(
      records.map((record) => permissionBlock(record, { palette, now: context.now(), columns })),
    ));
    return EXIT.ok;
  },
});
