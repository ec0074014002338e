/**
 * `meshctl config path`: the file that may name the mesh's registry.
 *
 * @module
 */
import { defineCommand } from "../../app/command.ts";
import { EXIT } from "../../base/exit.ts";
import { jsonText } from "../../output/json.ts";
import { projectFile, projectRegistry } from "../../settings/project_file.ts";

/** `meshctl config path`. */
export const pathCommand = defineCommand({
  name: "config path",
  summary: "Print which file names the registry of this project",
  usage: "",
  details: "That is the nearest deno.json, from here upwards, with\n" +
    '"mesh": {"registry": "http://…"}; when there is none, the one to write that into.',
  positionals: { min: 0, max: 0 },
  options: { json: { type: "boolean", help: "Print JSON" } },
  examples: [{ line: "config path", note: "Where to look, or to write" }],
  run: async (context, { options }) => {
    const project = await projectRegistry(context.cwd);
    const path = project?.file ?? await projectFile(context.cwd);
    const registry = project?.registry ?? null;
    context.stdout.write(
      options.json ? jsonText({ path, registry }) : `${path}\n`,
    );
    if (registry === null && !options.json) {
      context.stderr.write(
        'It names no registry; to name one, write "mesh": {"registry": "http://…"} into it.\n',
      );
    }
    return EXIT.ok;
  },
});
