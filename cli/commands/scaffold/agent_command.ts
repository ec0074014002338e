/**
 * A command that scaffolds one kind of agent: its options make a plan, and the plan is written.
 *
 * @module
 */
import { type Command, defineCommand } from "../../app/command.ts";
import type { Example, OptionTable, OptionValues } from "../../app/option.ts";
import type { Context } from "../../app/context.ts";
import type { AgentPlan } from "../../scaffold/agent_plan.ts";
import { PRESET_VENDORS } from "../../scaffold/vendor.ts";
import { AGENT_OPTIONS, scaffoldAgent } from "./options.ts";

/** Options of agents with tools that consumers select. */
export const TAG_OPTIONS = {
  tags: { type: "list", value: "TAG[,TAG]", help: "What consumers select it by" },
} as const;

/** Options of agents that have to do with a vendor of language models. */
export const VENDOR_OPTIONS = {
  vendor: {
    type: "string",
    value: "VENDOR",
    completes: PRESET_VENDORS,
    help: `${PRESET_VENDORS.join(", ")} (default claude), or another one`,
  },
  provider: { type: "string", value: "VENDOR", hidden: true, help: "The same as --vendor" },
  ...TAG_OPTIONS,
} as const;

/** What a kind of agent has of its own. */
export interface AgentCommandDefinition<T extends OptionTable> {
  /** The word after `scaffold`. */
  kind: AgentPlan["kind"];
  summary: string;
  /** What the command line must, or may well, have. */
  usage: string;
  /** Options beside {@linkcode AGENT_OPTIONS}. */
  options: T;
  examples: Example[];
  /**
   * The plan that options make.
   *
   * @throws {CliError} exit 2 for what cannot be, exit 3 for a file that is not there.
   */
  plan(
    options: OptionValues<typeof AGENT_OPTIONS> & OptionValues<T>,
    context: Context,
  ): AgentPlan | Promise<AgentPlan>;
}

/** `meshctl scaffold <kind>`. */
export function agentCommand<const T extends OptionTable>(
  { kind, options, plan, ...description }: AgentCommandDefinition<T>,
): Command {
  return defineCommand({
    name: `scaffold ${kind}`,
    ...description,
    positionals: { min: 0, max: 0 },
    options: { ...AGENT_OPTIONS, ...options },
    run: async (context, parsed) => {
      // The parser filled it by both tables, which the compiler does not put together again.
      const values = parsed.options as
        & OptionValues<typeof AGENT_OPTIONS>
        & OptionValues<T>;
      return await scaffoldAgent(await plan(values, context), values, context);
    },
  });
}
