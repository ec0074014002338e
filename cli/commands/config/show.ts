/**
 * `meshctl config show`: the settings in effect.
 *
 * @module
 */
import { defineCommand } from "../../app/command.ts";
import { EXIT, usageError } from "../../base/exit.ts";
import { jsonText } from "../../output/json.ts";
import { locateRegistry, REGISTRY_OPTIONS } from "../../mesh/registry_address.ts";
import { settings, settingsJson, settingsYaml } from "../settings.ts";

const FORMATS = ["yaml", "json"];

/** `meshctl config show`. */
export const showCommand = defineCommand({
  name: "config show",
  summary: "Show the settings in effect",
  usage: "",
  positionals: { min: 0, max: 0 },
  options: {
    format: { type: "string", value: "yaml|json", help: "How to print them (default yaml)" },
    json: { type: "boolean", help: "The same as --format json" },
    ...REGISTRY_OPTIONS,
  },
  examples: [
    { line: "config show", note: "Each with where it comes from" },
    { line: "config show --format json", note: "For a script; the origins are under origins" },
  ],
  run: async (context, { options }) => {
    const format = options.format ?? (options.json ? "json" : "yaml");
    if (!FORMATS.includes(format)) {
      throw usageError(`--format is "${format}", which is no format`, "Use yaml or json.");
    }
    if (options.json && format !== "json") {
      throw usageError(`--json and --format ${format} exclude each other`);
    }
    const all = settings(context.config, await locateRegistry(options, context));
    context.stdout.write(
      format === "json" ? jsonText(settingsJson(all)) : `${settingsYaml(all).join("\n")}\n`,
    );
    return EXIT.ok;
  },
});
