/**
 * Whether the receiver of spans that the environment names takes them: asked as a registry would, by
 * an export without a span.
 *
 * @module
 */
import { connect } from "node:net";
import { isMeshError } from "../../runtime/base/errors.ts";
import { readConfig } from "../../registry/config/config.ts";
import type { ExportOutcome } from "../../registry/trace/export/exporter.ts";
import { otlpExporter } from "../../registry/trace/export/exporters.ts";
import type { OtlpProtocol } from "../../registry/base/otlp_address.ts";
import type { OtlpConfig, TraceConfig } from "../../registry/config/trace_config.ts";
import { TRACE_VARIABLES } from "../../registry/config/trace_variables.ts";
import type { Context } from "../app/context.ts";
import type { Finding } from "./finding.ts";
import { withoutSecrets } from "../output/plain_address.ts";

/** Which receiver is checked. */
export interface OtlpCheckOptions {
  /** Variables as a registry started here would have them. */
  environment: Record<string, string>;
  /** The variable that names it; absent where none does. */
  endpoint: { name: string; value: string } | undefined;
  /** Limit of each question, milliseconds. */
  timeoutMs: number;
}

/** Whether the receiver of spans that is named takes them. */
export async function otlpFinding(
  { environment, endpoint, timeoutMs }: OtlpCheckOptions,
  context: Pick<Context, "fetch" | "now">,
): Promise<Finding> {
  let trace: TraceConfig;
  try {
    trace = traceConfig(environment);
  } catch (error) {
    if (isMeshError(error)) return settingFinding(error.message);
    throw error;
  }
  const config = receiverOf(trace);
  if (config === undefined || !trace.enabled) return unused(trace, endpoint?.name);
  const name = endpoint?.name ?? "TRACE_EXPORTER_TYPE";
  const place = `${withoutSecrets(config.url)} of ${name}`;
  const unreachable = await connectionFailure(config, timeoutMs);
  if (unreachable !== undefined) {
    const text = `${place} cannot be reached: ${unreachable}`;
    return { check: "otlp", level: "failure", text, fix: `unset ${name}` };
  }
  const ask = (asked: OtlpConfig) => probe(asked, trace.resource, timeoutMs, context);
  const reason = await ask(config);
  if (reason === undefined) {
    return { check: "otlp", level: "ok", text: `${place} takes spans over ${config.protocol}` };
  }
  const text = `${place} does not take spans over ${config.protocol}: ${reason}`;
  const other = otherProtocol(config.protocol);
  const variable = name.startsWith("OTEL_") ? PROTOCOL_VARIABLE.otel : PROTOCOL_VARIABLE.mesh;
  const instead = receiverOf(traceConfig({ ...environment, [variable]: other }));
  const speaksOther = instead !== undefined && await ask(instead) === undefined;
  const fix = speaksOther ? `export ${variable}=${other}` : `unset ${name}`;
  return { check: "otlp", level: "failure", text, fix };
}

/** Variables that say how a receiver is talked to: that of the mesh, and OpenTelemetry's. */
const PROTOCOL_VARIABLE = {
  mesh: "TELEMETRY_PROTOCOL",
  otel: "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
};

function otherProtocol(protocol: OtlpProtocol): OtlpProtocol {
  return protocol === "grpc" ? "http/protobuf" : "grpc";
}

/** What the variables of traces say; others are not this check's. */
function traceConfig(environment: Record<string, string>): TraceConfig {
  const entries = TRACE_VARIABLES.flatMap(({ name }) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return readConfig(Object.fromEntries(entries)).registry.trace;
}

function receiverOf({ exporters }: TraceConfig): OtlpConfig | undefined {
  return exporters.find((exporter) => exporter.type === "otlp");
}

/** A setting that no registry would start with. */
function settingFinding(message: string): Finding {
  const name = /^(\w+)=/.exec(message)?.[1];
  const [text = message] = message.split(/\. (?=Correct )/);
  const fix = name === undefined ? {} : { fix: `unset ${name}` };
  return { check: "otlp", level: "failure", text, ...fix };
}

function unused({ enabled, exporterType }: TraceConfig, name: string | undefined): Finding {
  const text = name === undefined
    ? "no receiver of spans is named"
    : enabled
    ? `TRACE_EXPORTER_TYPE is ${exporterType}, so nothing is sent to ${name}`
    : `MCP_MESH_DISTRIBUTED_TRACING_ENABLED is off, so nothing is sent to ${name}`;
  return { check: "otlp", level: "skipped", text };
}

/** Why nobody takes a connection there, if nobody does. */
async function connectionFailure(
  { url, protocol }: OtlpConfig,
  timeoutMs: number,
): Promise<string | undefined> {
  const { hostname, port, protocol: scheme } = new URL(url);
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  // OTLP over gRPC has a port of its own.
  const usual = protocol === "grpc" ? 4317 : scheme === "https:" ? 443 : 80;
  const host = hostname.replace(/^\[|\]$/g, "");
  const socket = connect({ host, port: Number(port) || usual, timeout: timeoutMs });
  socket.once("connect", () => resolve(undefined));
  socket.once("timeout", () => resolve(`no answer within ${timeoutMs / 1_000} s`));
  socket.once("error", ({ message }) => resolve(message));
  return await promise.finally(() => socket.destroy());
}

/** Why a receiver does not take spans, if it does not. */
async function probe(
  config: OtlpConfig,
  resource: TraceConfig["resource"],
  timeoutMs: number,
  context: Pick<Context, "fetch" | "now">,
): Promise<string | undefined> {
  try {
    const exporter = await otlpExporter({ ...config, timeoutMs }, resource, context);
    try {
      return failureOf(await exporter.probe(), timeoutMs);
    } finally {
      exporter.close();
    }
  } catch (error) {
    // A file of certificates that cannot be read.
    if (isMeshError(error)) return error.message;
    throw error;
  }
}

function failureOf(outcome: ExportOutcome, timeoutMs: number): string | undefined {
  if (outcome.kind === "taken") return undefined;
  const isLate = /DEADLINE_EXCEEDED|timed? ?out/.test(outcome.reason);
  return isLate ? `no answer within ${timeoutMs / 1_000} s` : outcome.reason;
}
