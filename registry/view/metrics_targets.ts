/**
 * Where the agents of a mesh say what they measure, as Prometheus discovers targets over HTTP. Pure.
 *
 * @see https://prometheus.io/docs/prometheus/latest/http_sd/
 * @module
 */
import type { Entry } from "../directory/entry.ts";

/** One agent as a target. */
export interface MetricsTarget {
  /** `host:port`. */
  readonly targets: readonly [string];
  readonly labels: Readonly<Record<string, string>>;
}

/** The runtime whose agents answer `/metrics`: those of the reference declare it at most, and are 404. */
const MEASURING = "deno";

/** The agents that can be asked. @param namespace Only its agents. */
export function metricsTargets(
  entries: Iterable<Entry>,
  namespace: string | undefined,
): MetricsTarget[] {
  return [...entries].flatMap((entry) => {
    const url = entry.isPresent && entry.runtime === MEASURING ? URL.parse(entry.endpoint) : null;
    if (url === null || (namespace !== undefined && entry.namespace !== namespace)) return [];
    const scheme = url.protocol.slice(0, -1);
    // A port that is the scheme's own is not written in an address.
    const port = url.port || (scheme === "https" ? "443" : "80");
    return [{
      targets: [`${url.hostname}:${port}`],
      labels: {
        __scheme__: scheme,
        mesh_agent: entry.name,
        mesh_agent_id: entry.id,
        mesh_namespace: entry.namespace,
      },
    }];
  });
}
