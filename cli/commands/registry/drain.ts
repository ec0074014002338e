/**
 * `meshctl registry drain`: no more jobs are handed out, those at work go on.
 *
 * @module
 */
import type { DrainState } from "../../../runtime/protocol/drain.ts";
import { defineCommand } from "../../app/command.ts";
import type { OptionTable, OptionValues } from "../../app/option.ts";
import type { Context } from "../../app/context.ts";
import { askDrain } from "../../mesh/drain_state.ts";
import { CliError, EXIT, usageError } from "../../base/exit.ts";
import { jsonText } from "../../output/json.ts";
import { REGISTRY_OPTIONS, secretFor } from "../../mesh/registry_address.ts";
import { openRegistry, type RegistryClient } from "../../mesh/registry_client.ts";

const OPTIONS = {
  wait: { type: "boolean", help: "Return when no job is being worked on" },
  "wait-timeout": {
    type: "number",
    value: "SECONDS",
    default: 0,
    help: "Give up waiting after this long; 0 waits for ever",
  },
  "poll-interval": {
    type: "number",
    value: "SECONDS",
    default: 2,
    help: "How often --wait looks",
  },
  json: { type: "boolean", help: "Print JSON" },
  timeout: { type: "number", value: "SECONDS", default: 30, help: "Limit of a request" },
  ...REGISTRY_OPTIONS,
} as const satisfies OptionTable;
type Options = OptionValues<typeof OPTIONS>;

/** `meshctl registry drain`. */
export const drainCommand = defineCommand({
  name: "registry drain",
  summary: "Hand out no more jobs",
  usage: "",
  details: "Jobs that are being worked on go on; new ones queue until `registry resume`.",
  positionals: { min: 0, max: 0 },
  options: OPTIONS,
  examples: [
    { line: "registry drain", note: "Stop handing out jobs" },
    {
      line: "registry drain --wait --wait-timeout 60",
      note: "And return when the last one is done, or fail after a minute",
    },
  ],
  run: async (context, { options }) => {
    if (options["poll-interval"] === 0) throw usageError("--poll-interval is 0, which is no time");
    const client = await openRegistry(options, context);
    const token = await secretFor("adminToken", options, context);
    const first = await askDrain(client, "POST", token);
    if (!options.json) {
      context.stdout.write(`Registry draining: no more jobs are handed out\n${claims(first)}`);
    }
    const last = options.wait ? await untilIdle(first, client, options, token, context) : first;
    if (options.json) context.stdout.write(jsonText(last));
    return EXIT.ok;
  },
});

function claims({ live_claims }: DrainState): string {
  return `Live claims: ${live_claims}\n`;
}

async function untilIdle(
  first: DrainState,
  client: RegistryClient,
  options: Options,
  token: string | undefined,
  context: Context,
): Promise<DrainState> {
  const limit = options["wait-timeout"] * 1_000;
  const began = context.now();
  let state = first;
  while (state.live_claims > 0) {
    const left = limit === 0 ? Infinity : began + limit - context.now();
    if (left <= 0) throw notIdle(state, options["wait-timeout"]);
    await context.sleep(Math.min(options["poll-interval"] * 1_000, left));
    const { live_claims } = state;
    state = await askDrain(client, "GET", token);
    if (!state.draining) throw resumed(state);
    if (!options.json && state.live_claims !== live_claims) context.stdout.write(claims(state));
  }
  return state;
}

function notIdle({ live_claims }: DrainState, seconds: number): CliError {
  return new CliError(
    EXIT.timeout,
    `${live_claims} job(s) are still being worked on after ${seconds} s`,
    { hint: "The registry goes on draining; wait longer with --wait-timeout." },
  );
}

function resumed({ live_claims }: DrainState): CliError {
  return new CliError(
    EXIT.failure,
    `somebody let the registry resume while ${live_claims} job(s) were still being worked on`,
    { hint: "Drain it again when that is what you want." },
  );
}
