/**
 * `meshctl registry status`: whether a registry hands out jobs.
 *
 * @module
 */
import { defineCommand } from "../../app/command.ts";
import { askDrain, DRAIN_OPTIONS } from "../../mesh/drain_state.ts";
import { EXIT } from "../../base/exit.ts";
import { jsonText } from "../../output/json.ts";
import { secretFor } from "../../mesh/registry_address.ts";
import { openRegistry } from "../../mesh/registry_client.ts";

/** `meshctl registry status`. */
export const registryStatusCommand = defineCommand({
  name: "registry status",
  summary: "Show whether jobs are handed out",
  usage: "",
  positionals: { min: 0, max: 0 },
  options: DRAIN_OPTIONS,
  examples: [{ line: "registry status", note: "Draining or not, and how many jobs are at work" }],
  run: async (context, { options }) => {
    const client = await openRegistry(options, context);
    const state = await askDrain(client, "GET", await secretFor("adminToken", options, context));
    const { palette } = context.stdout;
    const mode = state.draining
      ? palette.paint("yellow", "DRAINING (no more jobs are handed out)")
      : palette.paint("green", "active");
    context.stdout.write(
      options.json ? jsonText(state) : `Registry:    ${mode}\nLive claims: ${state.live_claims}\n`,
    );
    return EXIT.ok;
  },
});
