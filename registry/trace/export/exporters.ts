/**
 * The exporters that settings ask for. What they are made with is loaded when one is: gRPC and the
 * encoding of OTLP take as long as the rest of a registry.
 *
 * @module
 */
import { tlsFetch, tlsMaterial } from "../../config/tls_material.ts";
import type { OtlpConfig, TraceConfig } from "../../config/trace_config.ts";
import type { Exporter, OtlpExporter } from "./exporter.ts";

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
 * @throws {MeshError} `bad_config` when a file of certificates cannot be read.
 */
export async function openExporters(
  { exporters, resource }: TraceConfig,
  options: ExportersOptions,
): Promise<Exporter[]> {
  return await Promise.all(exporters.map(async (config) => {
    if (config.type === "otlp") return await otlpExporter(config, resource, options);
    const { consoleExporter, fileExporter } = await import("./text_exporters.ts");
    return config.type === "console"
      ? consoleExporter(config.pretty, options.log)
      : fileExporter({ folder: config.folder, resource, now: options.now });
  }));
}

/**
 * An exporter to one receiver of OTLP.
 *
 * @param resource Attributes added to every agent's.
 * @throws {MeshError} `bad_config` when a file of certificates cannot be read.
 */
export async function otlpExporter(
  config: OtlpConfig,
  resource: TraceConfig["resource"],
  { fetch, now }: Pick<ExportersOptions, "fetch" | "now">,
): Promise<OtlpExporter> {
  const tls = await tlsMaterial(config.tls);
  if (config.protocol === "grpc") {
    const { otlpGrpcExporter } = await import("./otlp_grpc.ts");
    return otlpGrpcExporter({ config, tls, resource });
  }
  const { otlpHttpExporter } = await import("./otlp_http.ts");
  const client = tlsFetch(tls, fetch);
  const exporter = otlpHttpExporter({ config, resource, fetch: client.fetch, now });
  const close = () => {
    exporter.close();
    client.close();
  };
  return { ...exporter, close };
}
