/**
 * A Hono application that measures how long its routes take.
 *
 * @module
 */
import { Hono } from "hono";
import type { HistogramSeries } from "../../runtime/metrics/instruments.ts";
import type { RegistryMetrics } from "../base/registry_metrics.ts";

/** What answers one method of one route. */
type Answer = () => Response | Promise<Response>;

/** An application whose routes are measured. */
export class MeasuredApp extends Hono {
  readonly #metrics: RegistryMetrics;

  constructor(metrics: RegistryMetrics) {
    super();
    this.#metrics = metrics;
  }

  /** What measures the answers of one route. @param route In OpenAPI's notation. */
  timer(route: string): (method: string, answer: Answer) => Response | Promise<Response> {
    const { requests, active } = this.#metrics;
    const underWay = active.with({});
    const series = new Map<string, HistogramSeries>();
    const seriesOf = (method: string, status: number) => {
      const key = `${method}${status}`;
      let known = series.get(key);
      if (known === undefined) {
        known = requests.with({
          http_request_method: method,
          http_route: route,
          http_response_status_code: String(status),
        });
        series.set(key, known);
      }
      return known;
    };
    return async (method, answer) => {
      const begun = performance.now();
      underWay.add();
      // What a handler throws becomes this status.
      let status = 500;
      try {
        const response = await answer();
        ({ status } = response);
        return response;
      } finally {
        underWay.add(-1);
        seriesOf(method, status).observe((performance.now() - begun) / 1_000);
      }
    };
  }
}
