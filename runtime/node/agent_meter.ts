/**
 * What one agent measures while it works; the instruments are those of `agent_metrics.ts`.
 *
 * @module
 */
import { cpuUsage } from "node:process";
import type { OperationManifest } from "../define/manifest.ts";
import type { CodeSpan } from "../protocol/code_span.ts";
import type { SpanCounts } from "../tracing/publisher.ts";
import {
  CLIENT_DURATION,
  HEARTBEATS,
  MODEL_DURATION,
  MODEL_TOKENS,
  SERVER_ACTIVE,
  SERVER_DURATION,
  SPANS,
} from "./agent_metrics.ts";
import type {
  Counter,
  Gauge,
  Histogram,
  HistogramSeries,
  NumberSeries,
} from "../metrics/instruments.ts";
import { Metrics } from "../metrics/metrics.ts";
import { eventLoopDelay, processMetrics } from "../metrics/process_metrics.ts";

/** Who measures. */
export interface AgentMeterOptions {
  readonly name: string;
  readonly version: string;
  readonly agentId: string;
  /** What became of spans; absent when none is recorded. */
  readonly spans: (() => SpanCounts) | undefined;
}

/** What an agent's call to another came to. */
export interface ClientCall {
  readonly method: string;
  readonly tool: string;
  readonly capability: string | undefined;
  /** Id of the agent that answered, or that was asked last. */
  readonly agentId: string;
  /** Milliseconds. */
  readonly durationMs: number;
  /** Code of the failure, if it failed. */
  readonly error: string | undefined;
}

/** Ends the ids of agents, and tells replicas apart. */
const REPLICA = /-[0-9a-f]{8}$/;
/** The operation of a call to a language model (OpenTelemetry `gen_ai.operation.name`). */
const CHAT = "chat";

/** The instruments of one agent. */
export class AgentMeter implements Disposable {
  readonly #metrics = new Metrics();
  readonly #server: Histogram<typeof SERVER_DURATION.labels[number]>;
  readonly #active: Gauge<typeof SERVER_ACTIVE.labels[number]>;
  readonly #client: Histogram<typeof CLIENT_DURATION.labels[number]>;
  readonly #models: Histogram<typeof MODEL_DURATION.labels[number]>;
  readonly #tokens: Histogram<typeof MODEL_TOKENS.labels[number]>;
  readonly #heartbeats: Counter<typeof HEARTBEATS.labels[number]>;
  readonly #operations = new WeakMap<OperationManifest, OperationMeter>();
  #delay: Disposable | undefined;

  constructor({ name, version, agentId, spans }: AgentMeterOptions) {
    const metrics = this.#metrics;
    metrics.gauge({
      name: "target_info",
      help: "What answers here.",
      labels: ["service_name", "service_version", "service_instance_id"],
    }).set({ service_name: name, service_version: version, service_instance_id: agentId }, 1);
    this.#server = metrics.histogram(SERVER_DURATION);
    this.#active = metrics.gauge(SERVER_ACTIVE);
    this.#client = metrics.histogram(CLIENT_DURATION);
    this.#models = metrics.histogram(MODEL_DURATION);
    this.#tokens = metrics.histogram(MODEL_TOKENS);
    this.#heartbeats = metrics.counter(HEARTBEATS);
    if (spans !== undefined) {
      metrics.counter(SPANS, (counter) => {
        for (const [outcome, count] of Object.entries(spans())) {
          counter.with({ outcome }).value = count;
        }
      });
    }
    processMetrics(metrics, {
      memory: () => Deno.memoryUsage().rss,
      cpu: cpuUsage,
      uptime: () => performance.now() / 1_000,
    });
  }

  /** Begins to measure the event loop, until it is disposed of. */
  start(): void {
    this.#delay ??= eventLoopDelay(this.#metrics);
  }

  /** What an operation's calls are measured with. */
  of(operation: OperationManifest): OperationMeter {
    let meter = this.#operations.get(operation);
    if (meter === undefined) {
      this.#operations.set(operation, meter = this.#meterOf(operation));
    }
    return meter;
  }

  /** A call to another agent is over. */
  called({ method, tool, capability = "", agentId, durationMs, error = "" }: ClientCall): void {
    this.#client.with({
      mcp_method_name: method,
      gen_ai_tool_name: tool,
      mesh_capability: capability,
      mesh_target_agent: agentId.replace(REPLICA, ""),
      error_type: error,
    }).observe(durationMs / 1_000);
  }

  /** A span of the agent's code has ended; those of language models are measured. */
  ended({ llm, duration_us = 0, error }: CodeSpan): void {
    if (llm === undefined) return;
    const labels = {
      gen_ai_operation_name: CHAT,
      gen_ai_request_model: text(llm.model),
      gen_ai_provider_name: text(llm.provider),
    };
    this.#models.with({ ...labels, error_type: error === undefined ? "" : text(error.code) })
      .observe(Number(duration_us) / 1e6);
    const tokens = { input: llm.input_tokens, output: llm.output_tokens };
    for (const [gen_ai_token_type, count] of Object.entries(tokens)) {
      // It comes from the agent's code, which may send anything.
      if (!Number.isFinite(count)) continue;
      this.#tokens.with({ ...labels, gen_ai_token_type }).observe(Number(count));
    }
  }

  /** The registry has answered a heartbeat, or not. */
  heartbeat(outcome: "ok" | "failed"): void {
    this.#heartbeats.with({ outcome }).add();
  }

  /** What was measured, as Prometheus reads it. */
  text(): string {
    return this.#metrics.text();
  }

  [Symbol.dispose](): void {
    this.#delay?.[Symbol.dispose]();
  }

  #meterOf(operation: OperationManifest): OperationMeter {
    const labels = {
      mcp_method_name: methodOf(operation),
      gen_ai_tool_name: operation.key,
      mesh_capability: "capability" in operation ? text(operation.capability) : "",
    };
    const series = (error_type: string) => this.#server.with({ ...labels, error_type });
    const active = this.#active.with({ gen_ai_tool_name: operation.key });
    return new OperationMeter(active, series(""), series);
  }
}

/** Measures the calls of one operation. */
export class OperationMeter {
  readonly #active: NumberSeries;
  readonly #succeeded: HistogramSeries;
  readonly #failed: (error: string) => HistogramSeries;

  constructor(
    active: NumberSeries,
    succeeded: HistogramSeries,
    failed: (error: string) => HistogramSeries,
  ) {
    this.#active = active;
    this.#succeeded = succeeded;
    this.#failed = failed;
  }

  /** A call begins. */
  began(): void {
    this.#active.add();
  }

  /** It is over, after so many milliseconds. @param error Code of the failure, if it failed. */
  ended(durationMs: number, error?: string): void {
    this.#active.add(-1);
    const series = error === undefined ? this.#succeeded : this.#failed(error);
    series.observe(durationMs / 1_000);
  }
}

/** The MCP method an operation is called with; a route has none. */
function methodOf({ key }: OperationManifest): string {
  if (key.includes(" ")) return "";
  if (key.startsWith("prompt:")) return "prompts/get";
  return key.startsWith("resource:") ? "resources/read" : "tools/call";
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
