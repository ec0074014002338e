/**
 * Where spans go with `--dte` when nothing is said of it: through the services of
 * `scaffold observability`, as far as they are there on this machine; else to the registry alone.
 *
 * @module
 */
import { boundedText } from "../../runtime/base/bounded_body.ts";
import { boundedJson } from "../../runtime/base/bounded_json.ts";
import { within } from "../../runtime/base/within.ts";
import { TraceStatusSchema } from "../../runtime/protocol/trace_view.ts";
import { OTLP_ENDPOINTS } from "../settings/config.ts";
import type { Context } from "../app/context.ts";
import { withoutSecrets } from "../output/plain_address.ts";
import type { RegistryAddress } from "../mesh/registry_address.ts";
import { observabilityEnvironment } from "../scaffold/observability/stack.ts";

/** Addresses of the services. */
export interface StackAddresses {
  /** `redis://`. */
  redis: string;
  /** Receives OTLP over gRPC, `host:port`. */
  otlp: string;
  /** `http://`. */
  tempo: string;
}

/** Where spans go. */
export interface TracePlaces {
  /** What the processes of a start have to be told of it. */
  variables: Record<string, string>;
  /** One line for people. */
  text: string;
}

/** How long a service may take to show that it is there, milliseconds. */
const PROBE_MS = 500;

/** Variables that say which Redis; any of them, also when empty, leaves the usual one out. */
const REDIS = ["REDIS_URL", "MCP_MESH_TRACE_REDIS_URL"];
const TEMPO = ["TEMPO_URL"];

/** Where the services of `scaffold observability` are. */
function usualAddresses(): StackAddresses {
  const { REDIS_URL = "", TELEMETRY_ENDPOINT = "", TEMPO_URL = "" } = observabilityEnvironment({});
  return { redis: REDIS_URL, otlp: TELEMETRY_ENDPOINT, tempo: TEMPO_URL };
}

/**
 * Looks where spans can go.
 *
 * @param environment What the user says wins.
 * @param registry One elsewhere, or that runs already, has its own settings.
 * @param usual Where the services are looked for. @default those of `scaffold observability`
 */
export async function tracePlaces(
  environment: Readonly<Record<string, string>>,
  registry: Pick<RegistryAddress, "url" | "local">,
  { fetch }: Pick<Context, "fetch">,
  usual: StackAddresses = usualAddresses(),
): Promise<TracePlaces> {
  const has = (names: readonly string[]) => names.some((name) => environment[name] !== undefined);
  const value = (names: readonly string[]) =>
    names.map((name) => environment[name]).find((value) => value !== undefined && value !== "");
  const running = await registrySettings(registry, fetch);
  // Spans in a Redis that the registry does not read would never be seen.
  const isRead = running === undefined ? registry.local : running.redis === hostOf(usual.redis);
  const asksOtlp = running === undefined && registry.local && !has(OTLP_ENDPOINTS) &&
    !has(["TRACE_EXPORTER_TYPE"]);
  const asksTempo = running === undefined && registry.local && !has(TEMPO);
  const [redis, otlp, tempo] = await Promise.all([
    !has(REDIS) && isRead && answersPing(usual.redis),
    asksOtlp && listens(`tcp://${usual.otlp}`),
    asksTempo && listens(usual.tempo),
  ]);
  return {
    variables: {
      ...(redis && { MCP_MESH_TRACE_REDIS_URL: usual.redis }),
      ...(otlp && { TELEMETRY_ENDPOINT: usual.otlp }),
      ...(tempo && { TEMPO_URL: usual.tempo }),
    },
    text: sentence({
      redis: redis ? usual.redis : value(REDIS),
      otlp: otlp ? usual.otlp : running?.otlp ?? value(OTLP_ENDPOINTS),
      tempo: tempo ? usual.tempo : running?.tempo ?? value(TEMPO),
    }),
  };
}

/** What is told of each place; absent ones are not used. */
function sentence({ redis, otlp, tempo }: Partial<Record<keyof StackAddresses, unknown>>): string {
  const shown = (address: unknown) => withoutSecrets(String(address));
  return [
    `Spans go to the registry${redis === undefined ? "" : ` over Redis at ${shown(redis)}`}`,
    ...(otlp === undefined ? [] : [`from there to ${shown(otlp)} (OTLP)`]),
    ...(tempo === undefined ? [] : [`older traces come from Tempo at ${shown(tempo)}`]),
  ].join(", ");
}

interface RegistrySettings {
  /** Host and port of the Redis it reads. */
  redis: string | undefined;
  otlp: unknown;
  tempo: unknown;
}

/** What a registry that runs does with spans; `undefined` when none answers. */
async function registrySettings(
  { url }: Pick<RegistryAddress, "url">,
  fetch: Context["fetch"],
): Promise<RegistrySettings | undefined> {
  try {
    const signal = AbortSignal.timeout(PROBE_MS);
    const response = await fetch(`${url}/trace/status`, { signal });
    const { config } = TraceStatusSchema.parse(boundedJson(await boundedText(response)));
    const settings = typeof config === "object" ? config : {};
    const { redis_url, tempo_url, exporters } = settings;
    const receiver = Array.isArray(exporters) && exporters.find(({ type }) => type === "otlp");
    return {
      redis: typeof redis_url === "string" ? hostOf(redis_url) : undefined,
      otlp: receiver ? receiver.endpoint : undefined,
      tempo: tempo_url,
    };
  } catch {
    return undefined;
  }
}

function hostOf(address: string): string | undefined {
  const url = URL.parse(address);
  return url?.host.replace(/^127\.0\.0\.1\b/, "localhost");
}

/** Whether a Redis answers, to whoever asks. */
async function answersPing(address: string): Promise<boolean> {
  try {
    using connection = await connected(address);
    await connection.write(new TextEncoder().encode("PING\r\n"));
    const answer = new Uint8Array(64);
    const size = await within(PROBE_MS, connection.read(answer), null);
    return new TextDecoder().decode(answer.subarray(0, size ?? 0)).startsWith("+PONG");
  } catch {
    return false;
  }
}

/** Whether somebody takes connections. */
async function listens(address: string): Promise<boolean> {
  try {
    (await connected(address)).close();
    return true;
  } catch {
    return false;
  }
}

async function connected(address: string): Promise<Deno.TcpConn> {
  const { hostname, port } = new URL(address);
  return await Deno.connect({
    hostname,
    port: Number(port),
    signal: AbortSignal.timeout(PROBE_MS),
  });
}
