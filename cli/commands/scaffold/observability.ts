/**
 * `meshctl scaffold observability`: Redis, Tempo, Prometheus and Grafana for a mesh.
 *
 * @module
 */
import { basename, resolve } from "node:path";
import { defineCommand } from "../../app/command.ts";
import type { OptionTable } from "../../app/option.ts";
import { EXIT, usageError } from "../../base/exit.ts";
import { shown } from "../../scaffold/file_changes.ts";
import { observabilityStack, STACK_FILE } from "../../scaffold/observability/stack.ts";
import { WRITE_OPTIONS, writeFiles } from "./options.ts";

const OPTIONS = {
  "project-name": {
    type: "string",
    value: "NAME",
    help: "Names containers and volumes (default: the folder's name)",
  },
  ...WRITE_OPTIONS,
  name: { type: "string", short: "n", value: "NAME", hidden: true, help: "--project-name" },
  "no-interactive": { type: "boolean", hidden: true, help: "Ask nothing" },
} as const satisfies OptionTable;

/** `meshctl scaffold observability`. */
export const observabilityCommand = defineCommand({
  name: "scaffold observability",
  usage: "[--output FOLDER]",
  summary: "A stack that shows traces and metrics: Redis, Tempo, Prometheus, Grafana",
  details: "Compose file, data sources and two dashboards: traces, and what agents ask of each\n" +
    "other. A registry and agents on this machine send to it with `start --dte`, which finds it.",
  positionals: { min: 0, max: 0 },
  options: OPTIONS,
  examples: [
    { line: "scaffold observability", note: `${STACK_FILE} and its files, here` },
    { line: "scaffold observability --dry-run", note: "What that would write, as a patch" },
  ],
  run: async (context, { options }) => {
    const folder = resolve(context.cwd, options.output ?? ".");
    const name = options["project-name"] ?? options.name ?? projectName(folder);
    if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) {
      throw usageError(
        `"${name}" cannot name a project`,
        "Use small letters, digits and dashes with --project-name, such as trip-planner.",
      );
    }
    const files = observabilityStack({ name });
    const written = await writeFiles(files, { folder, options, context });
    if (options["dry-run"]) return EXIT.ok;
    const { stdout, stderr, cwd, program } = context;
    if (written.length === 0) {
      stderr.write("The stack is there already, and the same\n");
      return EXIT.ok;
    }
    stdout.write(`${written.map((file) => shown(file, cwd)).join("\n")}\n`);
    stderr.write(
      "Created the observability stack. Next:\n" +
        `  docker compose -f ${shown(resolve(folder, STACK_FILE), cwd)} up -d\n` +
        `  ${program} start --dte …\n` +
        "Grafana is at http://localhost:3000 then.\n",
    );
    return EXIT.ok;
  },
});

/** What a folder's name makes of a project's; empty when it has nothing usable. */
function projectName(folder: string): string {
  return basename(folder).toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-+|-+$/g, "");
}
