/**
 * `meshctl scaffold observability`: Redis, Tempo, Prometheus and Grafana for a mesh on this machine.
 *
 * @module
 */
import { basename, resolve } from "node:path";
import { defineCommand, type OptionTable } from "../../command.ts";
import { EXIT, usageError } from "../../exit.ts";
import { shown } from "../../scaffold/file_changes.ts";
import {
  observabilityEnvironment,
  observabilityStack,
  STACK_FILE,
} from "../../scaffold/observability/stack.ts";
import { WRITE_OPTIONS, writeFiles } from "./options.ts";

const OPTIONS = {
  "project-name": {
    type: "string",
    value: "NAME",
    help: "What containers are called after (default: the folder)",
  },
  ...WRITE_OPTIONS,
} as const satisfies OptionTable;

/** What Compose takes for a project's name. */
const PROJECT_NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** `meshctl scaffold observability`. */
export const observabilityCommand = defineCommand({
  name: "scaffold observability",
  summary: "Redis, Tempo, Prometheus and Grafana with two dashboards, for Docker Compose",
  usage: "",
  details:
    "Traces and metrics are there without any of it (`trace`, /metrics); this keeps them for\n" +
    "longer and draws them.",
  positionals: { min: 0, max: 0 },
  options: OPTIONS,
  examples: [{ line: "scaffold observability", note: "In this folder" }],
  run: async (context, { options }) => {
    const folder = resolve(context.cwd, options.output ?? ".");
    const name = options["project-name"] ?? projectName(folder);
    if (!PROJECT_NAME.test(name)) {
      throw usageError(
        `--project-name is "${name}"`,
        "It takes small letters, digits, - and _, up to 63.",
      );
    }
    const stack = { name };
    const written = await writeFiles(observabilityStack(stack), { folder, options, context });
    if (options["dry-run"]) return EXIT.ok;
    const { stdout, stderr, cwd, program } = context;
    if (written.length === 0) {
      stderr.write("It is there already, and the same\n");
      return EXIT.ok;
    }
    stdout.write(`${written.map((file) => shown(file, cwd)).join("\n")}\n`);
    const variables = Object.entries(observabilityEnvironment(stack))
      .map(([name, value]) => `--env ${name}=${value}`).join(" ");
    stderr.write(
      `Next:\n  docker compose -f ${shown(resolve(folder, STACK_FILE), cwd)} up -d\n` +
        `  ${program} start -d ${variables} <agents>\n`,
    );
    return EXIT.ok;
  },
});

/** A folder's name as Compose takes it. */
function projectName(folder: string): string {
  return basename(folder).toLowerCase().replaceAll(/[^a-z0-9_-]/g, "").replace(/^[_-]+/, "") ||
    "mesh";
}
