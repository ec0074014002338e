/**
 * What `meshctl` asks a registry, typed and checked.
 *
 * @module
 */
import * as z from "zod";
import {
  type AgentList,
  AgentListSchema,
  type RegistryHealth,
  RegistryHealthSchema,
} from "../../runtime/protocol/listing.ts";
import { boundedText } from "../../runtime/base/bounded_body.ts";
import { indentedText } from "../../runtime/base/visible.ts";
import type { Context } from "../app/context.ts";
import { CliError, EXIT } from "../base/exit.ts";
import { registryAddress, type RegistryOptionValues } from "./registry_address.ts";
import { cutText } from "../../runtime/base/cut_text.ts";

/** What {@linkcode createRegistryClient} needs. */
export interface RegistryClientOptions {
  /** Address without a trailing slash. */
  url: string;
  fetch: typeof fetch;
  /** Limit of one request, seconds. */
  timeout: number;
  /** How the user calls `meshctl`, for advice. */
  program: string;
}

/** One request to a registry. */
export interface RegistryQuestion<T> {
  /** From the registry's address on, with its query. */
  path: string;
  /** What the answer is. */
  schema: z.ZodType<T>;
  /** @default {"GET"} */
  method?: "GET" | "POST" | "DELETE";
  headers?: Record<string, string>;
  /**
   * The error for an HTTP status that says no.
   *
   * @param reason What the registry says about it.
   * @returns `undefined` for the general one.
   */
  refusal?(status: number, reason: string): CliError | undefined;
}

/** A registry as seen from outside. */
export interface RegistryClient {
  readonly url: string;
  /**
   * Asks anything.
   *
   * @throws {CliError} exit 4 when it does not answer, 1 when its answer is not understood.
   */
  ask<T>(question: RegistryQuestion<T>): Promise<T>;
  /** Every agent the registry knows, sorted by id; throws like {@linkcode RegistryClient.ask}. */
  listAgents(): Promise<AgentList>;
  /** How the registry is; throws like {@linkcode RegistryClient.ask}. */
  health(): Promise<RegistryHealth>;
}

/**
 * A client of the registry that a command is to talk to.
 *
 * @param options The command's own, with the limit of one request in seconds.
 * @throws {CliError} exit 2 for an address that is none.
 */
export async function openRegistry(
  options: RegistryOptionValues & { timeout: number },
  context: Pick<Context, "config" | "cwd" | "fetch" | "program">,
): Promise<RegistryClient> {
  const { url } = await registryAddress(options, context);
  return createRegistryClient({
    url,
    fetch: context.fetch,
    timeout: options.timeout,
    program: context.program,
  });
}

/** A client of one registry. */
export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const ask = async <T>(question: RegistryQuestion<T>): Promise<T> => {
    const url = `${options.url}${question.path}`;
    const answer = await request(options, question);
    const refusal = answer.ok
      ? undefined
      : question.refusal?.(answer.status, reasonOf(answer.text));
    if (refusal !== undefined) throw refusal;
    const parsed = question.schema.safeParse(readJson(answer, url));
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw new CliError(
      EXIT.failure,
      `${url} answered something that is no mesh registry's answer: ` +
        `${issue?.path.join(".") || "body"}: ${issue?.message ?? "unexpected"}`,
      { hint: "Check that the address is a registry's." },
    );
  };
  return {
    url: options.url,
    ask,
    listAgents: async () => {
      const list = await ask({ path: "/agents", schema: AgentListSchema });
      return { ...list, agents: list.agents.toSorted((a, b) => a.id < b.id ? -1 : 1) };
    },
    health: () => ask({ path: "/health", schema: RegistryHealthSchema }),
  };
}

/** Most that a registry answers, characters: ten thousand agents take a tenth of it. */
const LONGEST_ANSWER = 128 * 1024 * 1024;

/** An answer whose body has been read. */
interface Answer {
  status: number;
  ok: boolean;
  text: string;
}

async function request(
  options: RegistryClientOptions,
  { path, method = "GET", headers = {} }: RegistryQuestion<unknown>,
): Promise<Answer> {
  try {
    const response = await options.fetch(`${options.url}${path}`, {
      method,
      headers: { accept: "application/json", ...headers },
      signal: AbortSignal.timeout(options.timeout * 1_000),
    });
    const text = await boundedText(response, LONGEST_ANSWER);
    return { status: response.status, ok: response.ok, text };
  } catch (error) {
    if (error instanceof CliError) throw error;
    if (error instanceof RangeError) throw answersTooMuch(`${options.url}${path}`, error);
    throw registryUnreachable(options, error);
  }
}

/** The error for an answer, or an event, that does not fit. */
export function answersTooMuch(url: string, cause: RangeError): CliError {
  return new CliError(EXIT.failure, `${url} answers too much: ${cause.message}`, {
    hint: "Check that the address is a registry's.",
    cause,
  });
}

/** The error for a registry that cannot be reached, with the address that was tried. */
export function registryUnreachable(
  { url, timeout, program }: Pick<RegistryClientOptions, "url" | "timeout" | "program">,
  cause: unknown,
): CliError {
  const timedOut = cause instanceof DOMException && cause.name === "TimeoutError";
  const reason = timedOut ? ` within ${timeout} s` : "";
  return new CliError(EXIT.unreachable, `the registry at ${url} does not answer${reason}`, {
    hint: `Start one with \`${program} start --registry-only -d\`, ` +
      "or name another with --registry-url or MCP_MESH_REGISTRY_URL.",
    cause,
  });
}

/** How registries say no. */
const RefusalSchema = z.object({
  error: z.string().optional(),
  msg: z.string().optional(),
  message: z.string().optional(),
});

/** Most of what a registry says that is passed on, characters. */
const LONGEST_REASON = 500;

/** The sentence of an error body, or the body itself. */
export function reasonOf(text: string): string {
  const body = cutText(text, LONGEST_REASON).trim();
  try {
    const { error, msg, message } = RefusalSchema.parse(JSON.parse(text));
    return indentedText(cutText(error ?? msg ?? message ?? body, LONGEST_REASON));
  } catch {
    return indentedText(body);
  }
}

function readJson({ status, ok, text }: Answer, url: string): unknown {
  if (!ok) {
    throw new CliError(
      EXIT.failure,
      `${url} answered HTTP ${status}: ${indentedText(cutText(text, LONGEST_REASON).trim())}`,
      { hint: "Check that the address is a registry's, and read the registry's log." },
    );
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CliError(EXIT.failure, `${url} answered something that is not JSON`, {
      hint: "Check that the address is a registry's.",
      cause,
    });
  }
}
