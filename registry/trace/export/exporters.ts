/**
 * The exporters that settings ask for.
 *
 * @module
 */
import { tlsFetch, tlsMaterial } from "../tls_material.ts";
import type { OtlpConfig, TraceConfig } from "../trace_config.ts";
import type { Exporter } from "./exporter.ts";
import { otlpGrpcExporter } from "./otlp_grpc.ts";
import { otlpHttpExporter } from "./otlp_http.ts";
import { consoleExporter, fileExporter } from "./text_exporters.ts";

/** What {@linkcode openExporters} works with. */
export interface ExportersOptions {
  fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Takes a line: what the exporter `console` writes. */
  log: (line: string) => void;
}

/**
 * The exporters of a registry.
 *
 * @throws RegistryError `bad_config` when a file of certificates cannot be read.
 */
export async function openExporters(
  { exporters, resource }: TraceConfig,
  options: ExportersOptions,
): Promise<Exporter[]> {
  return await Promise.all(exporters.map((config) => {
    switch (config.type) {
      case "otlp":
        return otlpExporter(config, resource, options);
      case "console":
        return consoleExporter(config.pretty, options.log);
      case "json":
        return fileExporter({ folder: config.folder, resource, now: options.now });
    }
  }));
}

async function otlpExporter(
  config: OtlpConfig,
  resource: TraceConfig["resource"],
  { fetch, now }: ExportersOptions,
): Promise<Exporter> {
  const tls = await tlsMaterial(config.tls);
  if (config.protocol === "grpc") return otlpGrpcExporter({ config, tls, resource });
  const client = tlsFetch(tls, fetch);
  const exporter = otlpHttpExporter({ config, resource, fetch: client.fetch, now });
  return { ...exporter, close: client.close };
}
