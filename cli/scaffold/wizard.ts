/**
 * Asks on a terminal what agent to write; the answers are the arguments somebody who knows would type.
 *
 * @module
 */
import type { Context } from "../app/context.ts";
import { CliError, EXIT } from "../base/exit.ts";
import { createLineSplitter } from "../../runtime/base/line_splitter.ts";
import { AGENT_KINDS, type AgentKind, checkedAgentName, checkedToolName } from "./agent_plan.ts";
import { chooseVendor, PRESET_VENDORS } from "./vendor.ts";

/** What was answered. */
export interface WizardAnswers {
  kind: AgentKind;
  /** Arguments of that kind's command. */
  args: string[];
}

interface Question {
  text: string;
  fallback?: string;
  /** Throws when the answer will not do. */
  check?(answer: string): unknown;
}

/**
 * Asks, until every answer will do.
 *
 * @throws {CliError} exit 1 when the input ends.
 */
export async function askForAgent(context: Context): Promise<WizardAnswers> {
  const ask = createQuestions(context);
  const kind = await ask({
    text: `Kind (${AGENT_KINDS.join(", ")})`,
    fallback: "tool",
    check: (answer) => kindOf(answer),
  });
  const args = await answersOf(kindOf(kind), ask);
  return { kind: kindOf(kind), args };
}

type Ask = (question: Question) => Promise<string>;

async function answersOf(kind: AgentKind, ask: Ask): Promise<string[]> {
  const option = async (name: string, question: Question) => {
    const answer = await ask(question);
    return answer === "" ? [] : [`--${name}=${answer}`];
  };
  const vendor = kind === "llm-agent" || kind === "llm-provider"
    ? await ask({
      text: `Vendor (${PRESET_VENDORS.join(", ")})`,
      fallback: "claude",
      check: (answer) => chooseVendor(answer, undefined),
    })
    : undefined;
  const name = await option("name", {
    text: "Name",
    ...(kind === "llm-provider" ? { fallback: `${vendor}-provider` } : {}),
    check: checkedAgentName,
  });
  const common = [
    ...name,
    ...await option("description", { text: "What is it for (optional)", fallback: "" }),
    ...await option("port", {
      text: kind === "api" ? "Port" : "Port (optional)",
      fallback: kind === "api" ? "8080" : "",
      check: checkPort,
    }),
    ...(vendor === undefined ? [] : [`--vendor=${vendor}`]),
  ];
  switch (kind) {
    case "tool":
      return [
        ...common,
        ...await option("tool-name", { text: "Tool", fallback: "hello", check: checkedToolName }),
        ...await option("tags", { text: "Tags, with commas", fallback: "tools" }),
      ];
    case "llm-agent":
      return [
        ...common,
        ...await option("filter", {
          text: "Tools its model may call: *, a capability, or none",
          fallback: "",
        }),
        ...await option("response-format", { text: "Answers as (text, json)", fallback: "text" }),
      ];
    default:
      return common;
  }
}

function kindOf(answer: string): AgentKind {
  const kind = AGENT_KINDS.find((known) => known === answer);
  if (kind === undefined) throw new CliError(EXIT.usage, `"${answer}" is none of them`);
  return kind;
}

function checkPort(answer: string): void {
  if (answer === "" || (/^\d+$/.test(answer) && Number(answer) <= 65_535)) return;
  throw new CliError(EXIT.usage, `"${answer}" is no port`);
}

function createQuestions({ stdin, stderr }: Context): Ask {
  const lines = linesOf(stdin());
  return async ({ text, fallback, check }) => {
    while (true) {
      stderr.write(fallback ? `${text} [${fallback}]: ` : `${text}: `);
      const { value, done } = await lines.next();
      if (done) throw new CliError(EXIT.failure, "the answers ended; nothing was written");
      const answer = value.trim() === "" ? fallback : value.trim();
      if (answer === undefined) continue;
      try {
        check?.(answer);
        return answer;
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        stderr.write(`${[error.message, error.hint].filter(Boolean).join(". ")}\n`);
      }
    }
  };
}

async function* linesOf(input: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  const splitter = createLineSplitter();
  for await (const bytes of input) yield* splitter.push(bytes);
  yield* splitter.end();
}
