/**
 * What has to be right before agents are started.
 *
 * @module
 */
import { visibleLine } from "../../runtime/base/visible.ts";
import type { Context } from "../app/context.ts";
import { CliError, EXIT } from "../base/exit.ts";
import type { StartRequest } from "../start/start_request.ts";
import { checkAgents } from "./agent_checks.ts";
import type { Finding } from "./finding.ts";
import { denoFinding } from "./machine_checks.ts";

/**
 * Checks what a start needs.
 *
 * @returns Lines to warn with: what will not work, though it starts.
 * @throws {CliError} exit 1 for what cannot start, each with the command that puts it right.
 */
export async function checkPrerequisites(
  { sources, environment, home, watch }: Pick<
    StartRequest,
    "sources" | "environment" | "home" | "watch"
  >,
  context: Pick<Context, "deno" | "root" | "cwd" | "program">,
): Promise<string[]> {
  const findings = [
    denoFinding(Deno.version.deno),
    ...await checkAgents({ sources, environment, home }, context),
  ];
  // What cannot be loaded now may be with the next save.
  const stops = ({ check, level }: Finding) =>
    level === "failure" && !(watch && check === "imports");
  const failures = findings.filter(stops);
  if (failures.length > 0) {
    throw new CliError(EXIT.failure, failures.map(failureText).join("\n"), {
      hint: ["Nothing was started.", ...failures.flatMap(({ fix }) => fix ? [`Fix: ${fix}`] : [])]
        .join("\n"),
    });
  }
  // What a model lacks is part of its provider's health, which is told once it runs.
  const isTold = ({ check, level }: Finding) => level === "warning" && check !== "model";
  return findings.filter(isTold).map(warningText);
}

function failureText({ agent, text }: Finding): string {
  return agent === undefined ? visibleLine(text) : `${agent} did not start: ${visibleLine(text)}`;
}

function warningText({ agent, text, fix }: Finding): string {
  const subject = agent === undefined ? "" : `${agent}: `;
  const remedy = fix === undefined ? "" : `\n  Fix: ${visibleLine(fix)}`;
  return subject + visibleLine(text) + remedy;
}
