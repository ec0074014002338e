/**
 * `meshctl scaffold --config FILE`: an agent that a YAML file describes.
 *
 * @module
 */
import { resolve } from "node:path";
import type { Command } from "../../app/command.ts";
import type { Context } from "../../app/context.ts";
import { CliError, EXIT, type ExitCode, usageError } from "../../base/exit.ts";
import { readText } from "../../base/file_text.ts";
import { agentConfig } from "../../scaffold/agent_config.ts";
import type { AgentKind } from "../../scaffold/agent_plan.ts";
import { toolCommandWith } from "./tool.ts";

/**
 * Scaffolds what a file describes.
 *
 * @param file As the user wrote it.
 * @param rest Further options; they win over the file.
 * @throws {CliError} exit 3 when it is not there, exit 2 when it cannot be used.
 */
export async function scaffoldConfig(
  file: string,
  rest: string[],
  byKind: Record<AgentKind, Command>,
  context: Context,
): Promise<ExitCode> {
  const { kind, args, ...extras } = agentConfig(await readYaml(file, context), file);
  const command = kind === "tool" ? toolCommandWith(extras) : byKind[kind];
  const given = new Set(rest.map((arg) => longName(arg, command)));
  const open = args.filter((arg) => !given.has(longName(arg, command)));
  return await command.execute(context, [...open, ...rest]);
}

/** The option that an argument gives, if it gives one. */
function longName(arg: string, { options }: Command): string | undefined {
  const long = /^--([^=]+)/.exec(arg)?.[1];
  if (long !== undefined) return long;
  const short = /^-(\w)/.exec(arg)?.[1];
  return Object.keys(options).find((name) => short !== undefined && options[name]?.short === short);
}

async function readYaml(file: string, { cwd }: Context): Promise<unknown> {
  let text: string;
  try {
    text = await readText(resolve(cwd, file));
  } catch (cause) {
    throw new CliError(EXIT.notFound, `${file} cannot be read`, {
      hint: "Check the path after --config.",
      cause,
    });
  }
  const { parse, YAMLParseError } = await import("yaml");
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    const [reason = ""] = error.message.split("\n");
    throw usageError(`${file} is no YAML: ${reason.replace(/:$/, "")}`, "Correct it.");
  }
}
