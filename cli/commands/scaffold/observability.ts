/**
 * `meshctl scaffold observability`: Redis, Tempo, Prometheus and Grafana for a mesh.
 *
 * @module
 */
import { basename, resolve } from "node:path";
import { defineCommand } from "../../command.ts";
import { EXIT, usageError } from "../../exit.ts";
import { shown } from "../../scaffold/file_changes.ts";
import { observabilityStack, STACK_FILE } from "../../scaffold/observability/stack.ts";
import { WRITE_OPTIONS, writeFiles } from "./options.ts";

/** `meshctl scaffold observability`. */
export const observabilityCommand = defineCommand({
  name: "scaffold observability",
  summary: "Redis, Tempo, Prometheus and Grafana for Docker Compose, with two dashboards",
  usage: "",
  positionals: { min: 0, max: 0 },
  options: {
    "project-name": {
      type: "string",
      value: "NAME",
      help: "Name of its containers (default: the folder's)",
    },
    ...WRITE_OPTIONS,
    name: { type: "string", short: "n", value: "NAME", hidden: true, help: "--project-name" },
    "no-interactive": { type: "boolean", hidden: true, help: "Ask nothing" },
  },
  examples: [{ line: "scaffold observability", note: `${STACK_FILE} and what it needs, here` }],
  run: async (context, { options }) => {
    const folder = resolve(context.cwd, options.output ?? ".");
    const given = options["project-name"] ?? options.name;
    const name = given ?? (basename(folder).replace(/[^A-Za-z0-9]+/g, "-") || "mesh");
    if (!/^[A-Za-z0-9][A-Za-z0-9-]*$/.test(name)) {
      throw usageError(
        `"${name}" is no name of a project`,
        "Names are letters, digits and dashes; give one with --project-name.",
      );
    }
    const written = await writeFiles(observabilityStack({ name }), { folder, options, context });
    if (options["dry-run"]) return EXIT.ok;
    for (const file of written) context.stdout.write(`${shown(file, context.cwd)}\n`);
    const stack = shown(resolve(folder, STACK_FILE), context.cwd);
    context.stderr.write(`Start it with: docker compose -f ${stack} up -d\n`);
    return EXIT.ok;
  },
});
