/**
 * `meshctl scaffold project`: what lets editors and `deno test` find the runtime, made or repaired.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { defineCommand } from "../../app/command.ts";
import { EXIT } from "../../base/exit.ts";
import { shown } from "../../scaffold/file_changes.ts";
import { formatted } from "../../scaffold/formatted.ts";
import { configSources, configText, repairedConfig } from "../../scaffold/project_config.ts";
import {
  CONFIG_NAMES,
  leadsNowhere,
  linkRuntime,
  projectOf,
  RUNTIME_LINK,
} from "../../scaffold/project_link.ts";
import { WRITE_OPTIONS, writeFiles } from "./options.ts";

const { output, "dry-run": dryRun } = WRITE_OPTIONS;

/** `meshctl scaffold project`. */
export const projectCommand = defineCommand({
  name: "scaffold project",
  usage: "[--output FOLDER]",
  summary: "Have a project's deno.json lead to the runtime of this meshctl",
  details:
    `deno.json is for editors and \`deno test\`: its "mesh" is the link ${RUNTIME_LINK}, which\n` +
    "every machine has of its own and git does not see. After a clone, or a new meshctl, this\n" +
    "makes the link and brings the imports of the mesh up to date; what else is in deno.json\n" +
    "stays. `meshctl start` needs none of it.",
  positionals: { min: 0, max: 0 },
  options: { output, "dry-run": dryRun },
  examples: [{ line: "scaffold project", note: "In a clone of somebody else's agents" }],
  run: async (context, { options }) => {
    const { cwd, root, deno, stdout, stderr } = context;
    const asked = resolve(cwd, options.output ?? ".");
    const project = await projectOf(asked);
    const folder = project?.folder ?? asked;
    const name = CONFIG_NAMES.find((each) => existsSync(join(folder, each))) ?? "deno.json";
    const file = join(folder, name);
    const isKept = () => void stderr.write(`${relative(cwd, file)} leads to the runtime already\n`);
    // An import map that works is its owner's, such as that of a checkout.
    if (project?.form === "map" && !leadsNowhere(project)) {
      isKept();
      return EXIT.ok;
    }
    const sources = await configSources(root);
    const text = existsSync(file)
      ? await repairedConfig({ file, form: project?.form ?? "path" }, sources)
      : configText(sources);
    const writing = { folder, options: { ...options, force: true }, context };
    const tidy = await formatted(text, name, deno);
    const written = await writeFiles([{ path: name, text: tidy }], writing);
    if (options["dry-run"]) return EXIT.ok;
    if (await linkRuntime(folder, root)) written.push(join(folder, RUNTIME_LINK));
    if (written.length === 0) isKept();
    else stdout.write(`${written.map((path) => shown(path, cwd)).join("\n")}\n`);
    return EXIT.ok;
  },
});
