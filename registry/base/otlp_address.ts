/**
 * Addresses of OTLP receivers (OpenTelemetry protocol exporter specification, endpoint URLs). Pure.
 *
 * @module
 */

/** The ways OTLP travels. */
export const PROTOCOLS = ["grpc", "http/protobuf", "http/json"] as const;

/** A way OTLP travels. */
export type OtlpProtocol = typeof PROTOCOLS[number];

/** Where HTTP receivers take traces, below their base. */
const TRACES_PATH = "/v1/traces";

/**
 * Where spans are sent; `undefined` when it is no address.
 *
 * @param text `host:port`, or an `http(s)` address.
 * @param secure Whether an address without a scheme means TLS.
 * @param whole Whether an HTTP address says the path too. @default {false}
 */
export function otlpAddress(
  text: string,
  protocol: OtlpProtocol,
  secure: boolean,
  whole = false,
): string | undefined {
  const isAddress = /^https?:\/\//i.test(text);
  if (!isAddress && !/^[^/\s]+:\d{1,5}$/.test(text)) return undefined;
  const address = isAddress ? text : `${secure ? "https" : "http"}://${text}`;
  const url = URL.parse(address);
  if (url === null) return undefined;
  if (protocol === "grpc") return `${url.protocol}//${url.host}`;
  const base = url.pathname.replace(/\/+$/, "");
  // The mesh's own variables and OpenTelemetry's general one name a base.
  if (!whole && !base.endsWith(TRACES_PATH)) url.pathname = base + TRACES_PATH;
  return url.href;
}
