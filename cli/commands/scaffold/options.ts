/**
 * Options that scaffolding any kind of agent takes, and what all of them do with a plan.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import { errorText } from "../../../runtime/base/errors.ts";
import type { OptionTable, OptionValues } from "../../app/option.ts";
import type { Context } from "../../app/context.ts";
import { CliError, EXIT, type ExitCode, usageError } from "../../base/exit.ts";
import { agentFiles } from "../../scaffold/agent_files.ts";
import { type AgentPlan, checkedAgentName, type ScaffoldFile } from "../../scaffold/agent_plan.ts";
import {
  fileChanges,
  patchText,
  refuseOverwriting,
  shown,
  writeChanges,
} from "../../scaffold/file_changes.ts";
import { formatted } from "../../scaffold/formatted.ts";
import { configSources, newConfig } from "../../scaffold/project_config.ts";
import { leadsNowhere, linkRuntime, projectOf } from "../../scaffold/project_link.ts";

/** Options on what happens to the files. */
export const WRITE_OPTIONS = {
  output: { type: "string", short: "o", value: "FOLDER", help: "Where to put it (default: here)" },
  "dry-run": { type: "boolean", help: "Print the changes as a patch, and write nothing" },
  force: { type: "boolean", help: "Write over files that exist" },
} as const satisfies OptionTable;

/** Options of every kind of agent. */
export const AGENT_OPTIONS = {
  name: { type: "string", short: "n", value: "NAME", help: "Name in the mesh, and of its folder" },
  port: { type: "number", short: "p", value: "PORT", help: "Port (default: any free one)" },
  description: { type: "string", value: "TEXT", help: "What it is for" },
  ...WRITE_OPTIONS,
  lang: { type: "string", short: "l", value: "LANG", hidden: true, help: "Only typescript" },
  "no-interactive": { type: "boolean", hidden: true, help: "Ask nothing" },
} as const satisfies OptionTable;

/** Values of {@linkcode WRITE_OPTIONS}. */
export type WriteOptions = OptionValues<typeof WRITE_OPTIONS>;

/** Values of {@linkcode AGENT_OPTIONS}. */
export type AgentOptions = OptionValues<typeof AGENT_OPTIONS>;

/**
 * What every plan has, of the options.
 *
 * @param fallback Name when none is given.
 * @throws {CliError} exit 2 for a missing or impossible name, port or language.
 */
export function basePlan(options: AgentOptions, fallback?: string): {
  name: string;
  port: number | undefined;
} {
  const { lang, port } = options;
  if (lang !== undefined && !["typescript", "ts"].includes(lang)) {
    throw usageError(`--lang is "${lang}", and agents here are TypeScript`, "Leave out --lang.");
  }
  if (port !== undefined && (!Number.isInteger(port) || port > 65_535)) {
    throw usageError(`--port is ${port}, which is no port`, "Ports are 0 (any free one) to 65535.");
  }
  const name = options.name ?? fallback;
  if (name === undefined) throw usageError("the agent needs a name", "Give it with --name.");
  return { name: checkedAgentName(name), port: port === 0 ? undefined : port };
}

/** Tags, each option one or several with commas. */
export function tagList(values: readonly string[]): string[] {
  const tags = values.flatMap((value) => value.split(",")).map((tag) => tag.trim());
  return [...new Set(tags.filter((tag) => tag !== ""))];
}

/**
 * Writes the agent of a plan, or shows it.
 *
 * @throws {CliError} exit 1 when files exist that are different.
 */
export async function scaffoldAgent(
  plan: AgentPlan,
  options: WriteOptions,
  context: Context,
): Promise<ExitCode> {
  const folder = resolve(context.cwd, options.output ?? ".");
  const project = await projectOf(resolve(folder, plan.name));
  const config = project === undefined
    ? newConfig(folder, plan.name, await configSources(context.root))
    : undefined;
  const own = agentFiles(plan).map((file) => ({ ...file, path: `${plan.name}/${file.path}` }));
  const files = [...(config === undefined ? [] : [config]), ...own];
  const tidy = await Promise.all(files.map(async (file) => ({
    ...file,
    text: await formatted(file.text, file.path, context.deno),
  })));
  const written = await writeFiles(tidy, { folder, options, context });
  if (options["dry-run"]) return EXIT.ok;
  if (config !== undefined) await linkRuntime(dirname(resolve(folder, config.path)), context.root);
  else if (project?.form === "link" && leadsNowhere(project)) {
    await linkRuntime(project.folder, context.root);
  }
  tellNext(plan, written, folder, context);
  return EXIT.ok;
}

/**
 * Writes files, or with `--dry-run` prints the patch.
 *
 * @returns The absolute paths that were written.
 * @throws {CliError} exit 1 when files exist that are different.
 */
export async function writeFiles(
  files: ScaffoldFile[],
  { folder, options, context }: { folder: string; options: WriteOptions; context: Context },
): Promise<string[]> {
  const changes = await fileChanges(files, folder);
  if (options["dry-run"]) {
    context.stdout.write(patchText(changes, context.cwd));
    return [];
  }
  if (!options.force) refuseOverwriting(changes, context.cwd);
  try {
    await writeChanges(changes);
  } catch (cause) {
    const reason = errorText(cause);
    throw new CliError(EXIT.failure, `the files cannot be written: ${reason}`, {
      hint: "Choose another folder with --output.",
      cause,
    });
  }
  return changes.map(({ file }) => file);
}

function tellNext(plan: AgentPlan, written: string[], folder: string, context: Context): void {
  const { cwd, stdout, stderr, program } = context;
  if (written.length === 0) {
    stderr.write(`${plan.name} is there already, and the same\n`);
    return;
  }
  stdout.write(`${written.map((file) => shown(file, cwd)).join("\n")}\n`);
  const place = shown(resolve(folder, plan.name), cwd);
  const tool = plan.kind === "tool" ? plan.tools[0].name : plan.name.replaceAll("-", "_");
  const call = plan.kind === "tool"
    ? [`${program} call ${tool}`]
    : plan.kind === "llm-agent"
    ? [`${program} call ${tool} '{"request":"Hello"}'`]
    : [];
  stderr.write(
    `Created ${plan.kind} ${plan.name}. Next:\n` +
      [
        `deno test --allow-read --allow-env --allow-net=localhost,127.0.0.1 ${place}`,
        `${program} start -d ${place}`,
        ...call,
      ].map((line) => `  ${line}\n`).join(""),
  );
  if (plan.kind === "llm-provider") {
    stderr.write(`It is unhealthy until ${plan.vendor.keyVariable} is set.\n`);
  }
  if (plan.kind === "llm-agent") {
    stderr.write(`It needs a provider: ${program} scaffold llm-provider --vendor claude\n`);
  }
}
