/**
 * What `meshctl` asks a registry, typed and checked.
 *
 * @module
 */
import type { ZodType } from "zod";
import {
  type AgentList,
  AgentListSchema,
  type RegistryHealth,
  RegistryHealthSchema,
} from "../runtime/protocol/listing.ts";
import { CliError, EXIT } from "./exit.ts";

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

/** A registry as seen from outside. */
export interface RegistryClient {
  readonly url: string;
  /**
   * Every agent the registry knows, sorted by id.
   *
   * @throws {CliError} exit 4 when it does not answer, 1 when its answer is not understood.
   */
  listAgents(): Promise<AgentList>;
  /** How the registry is; throws like {@linkcode RegistryClient.listAgents}. */
  health(): Promise<RegistryHealth>;
}

/** A client of one registry. */
export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const get = async <T>(path: string, schema: ZodType<T>): Promise<T> => {
    const body = readJson(await request(options, path), `${options.url}${path}`);
    const parsed = schema.safeParse(body);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw new CliError(
      EXIT.failure,
      `${options.url}${path} answered something that is no mesh registry's answer: ` +
        `${issue?.path.join(".") || "body"}: ${issue?.message ?? "unexpected"}`,
      { hint: "Check that the address is a registry's." },
    );
  };
  return {
    url: options.url,
    listAgents: async () => {
      const list = await get("/agents", AgentListSchema);
      return { ...list, agents: list.agents.toSorted((a, b) => a.id < b.id ? -1 : 1) };
    },
    health: () => get("/health", RegistryHealthSchema),
  };
}

/** An answer whose body has been read. */
interface Answer {
  status: number;
  ok: boolean;
  text: string;
}

async function request(options: RegistryClientOptions, path: string): Promise<Answer> {
  try {
    const response = await options.fetch(`${options.url}${path}`, {
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(options.timeout * 1_000),
    });
    return { status: response.status, ok: response.ok, text: await response.text() };
  } catch (error) {
    throw registryUnreachable(options, error);
  }
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

function readJson({ status, ok, text }: Answer, url: string): unknown {
  if (!ok) {
    throw new CliError(
      EXIT.failure,
      `${url} answered HTTP ${status}: ${text.slice(0, 500).trim()}`,
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
