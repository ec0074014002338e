/**
 * Spans as text: lines for a person or a program on the registry's log, or a file a day in the format
 * of OpenTelemetry's file exporter, a batch of OTLP JSON a line.
 *
 * @module
 */
import { join } from "node:path";
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import { errorText } from "../../../runtime/base/errors.ts";
import type { MeasuredSpan } from "../../../runtime/protocol/trace_stream.ts";
import { visibleJson } from "../../../runtime/base/visible.ts";
import { timeText } from "../../../runtime/protocol/trace_time.ts";
import type { Exporter } from "./exporter.ts";
import { cleanedLine } from "../../base/plain_text.ts";
import { readableSpans } from "./otlp_spans.ts";

/**
 * Writes each span to the log.
 *
 * @param pretty Whether for a person; otherwise JSON.
 */
export function consoleExporter(pretty: boolean, log: (line: string) => void): Exporter {
  return {
    name: "console",
    export: (measured) => {
      for (const each of measured) {
        log(pretty ? cleanedLine(spanLine(each)) : visibleJson(JSON.stringify(each)));
      }
      return Promise.resolve({ kind: "taken" });
    },
    close: () => {},
  };
}

/** What {@linkcode fileExporter} needs. */
export interface FileExporterOptions {
  /** Made when it is not there. */
  folder: string;
  /** Attributes added to every agent's. */
  resource: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Appends spans to `traces-<date>.jsonl`. */
export function fileExporter({ folder, resource, now }: FileExporterOptions): Exporter {
  return {
    name: "json",
    export: async (measured) => {
      const spans = readableSpans(measured, resource);
      const bytes = spans.length === 0 ? undefined : JsonTraceSerializer.serializeRequest(spans);
      if (bytes === undefined) return { kind: "taken" };
      const day = new Date(now()).toISOString().slice(0, 10);
      try {
        await Deno.mkdir(folder, { recursive: true });
        const line = new Uint8Array(bytes.length + 1);
        line.set(bytes);
        line.set([0x0a], bytes.length);
        await Deno.writeFile(join(folder, `traces-${day}.jsonl`), line, { append: true });
        return { kind: "taken" };
      } catch (error) {
        return { kind: "later", reason: errorText(error) };
      }
    },
    close: () => {},
  };
}

function spanLine({ span, agent }: MeasuredSpan): string {
  const took = span.duration_us === undefined
    ? "runs"
    : `${(span.duration_us / 1_000).toFixed(1)}ms`;
  const outcome = span.error === undefined
    ? "ok"
    : `failed: ${span.error.message.replaceAll(/\s+/g, " ")}`;
  return `${
    timeText(span.start_us)
  } ${span.trace_id} ${span.name} (${agent.name}) ${took} ${outcome}`;
}
