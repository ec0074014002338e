/**
 * What passes spans on to another system.
 *
 * @module
 */
import type { MeasuredSpan } from "../../../runtime/protocol/trace_stream.ts";

/** What became of a batch. */
export type ExportOutcome =
  /** It was taken, but for so many of its spans. */
  | { readonly kind: "taken"; readonly refused?: number }
  /** It may be taken later, at the earliest after so many milliseconds. */
  | { readonly kind: "later"; readonly reason: string; readonly afterMs?: number | undefined }
  /** It never will be. */
  | { readonly kind: "refused"; readonly reason: string };

/** One place spans go to. */
export interface Exporter {
  /** What it is called in logs and metrics. */
  readonly name: string;
  /** Passes a batch on. Never throws. */
  export(measured: readonly MeasuredSpan[]): Promise<ExportOutcome>;
  /** Lets go of connections. */
  close(): void;
}

/** A place that takes OTLP. */
export interface OtlpExporter extends Exporter {
  /** Passes on a batch without a span: what would become of one. Never throws. */
  probe(): Promise<ExportOutcome>;
}
