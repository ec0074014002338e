/**
 * `meshctl registry resume`: jobs are handed out again.
 *
 * @module
 */
import { defineCommand } from "../../app/command.ts";
import { askDrain, DRAIN_OPTIONS } from "../../mesh/drain_state.ts";
import { EXIT } from "../../base/exit.ts";
import { jsonText } from "../../output/json.ts";
import { secretFor } from "../../mesh/registry_address.ts";
import { openRegistry } from "../../mesh/registry_client.ts";

/** `meshctl registry resume`. */
export const resumeCommand = defineCommand({
  name: "registry resume",
  summary: "Hand out jobs again",
  usage: "",
  positionals: { min: 0, max: 0 },
  options: DRAIN_OPTIONS,
  examples: [{ line: "registry resume", note: "End what `registry drain` began" }],
  run: async (context, { options }) => {
    const client = await openRegistry(options, context);
    const state = await askDrain(client, "DELETE", await secretFor("adminToken", options, context));
    context.stdout.write(
      options.json
        ? jsonText(state)
        : `Registry resumed: jobs are handed out\nLive claims: ${state.live_claims}\n`,
    );
    return EXIT.ok;
  },
});
