/**
 * Panels of Grafana dashboards (schema version 41). Pure.
 *
 * @see https://grafana.com/docs/grafana/latest/visualizations/dashboards/build-dashboards/view-dashboard-json-model/
 * @module
 */

/** The data source of metrics, by the id it is provisioned under. */
export const PROMETHEUS = { type: "prometheus", uid: "prometheus" } as const;
/** The data source of traces, likewise. */
export const TEMPO = { type: "tempo", uid: "tempo" } as const;

/** Where a panel stands on a grid of 24 columns. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** One query of a panel. */
export interface Target {
  readonly refId: string;
  readonly datasource: typeof PROMETHEUS | typeof TEMPO;
  readonly [more: string]: unknown;
}

/** What a panel says beyond its queries. */
export interface PanelFacts {
  title: string;
  description?: string;
  place: Place;
  /** Unit as Grafana names it, such as `s`, `reqps`, `percentunit`. */
  unit?: string;
  targets: Target[];
}

/** A panel. */
export interface DashboardPanel {
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: Place;
  readonly datasource: typeof PROMETHEUS | typeof TEMPO;
  readonly targets: Target[];
  readonly fieldConfig: {
    readonly defaults: Record<string, unknown>;
    readonly overrides: FieldOverride[];
  };
  readonly options: Record<string, unknown>;
  readonly transformations?: { id: string; options: Record<string, unknown> }[];
}

interface FieldOverride {
  readonly matcher: { id: string; options: string };
  readonly properties: { id: string; value: unknown }[];
}

/** A query of Prometheus over time. @param legend How a series is called, `{{label}}` for labels. */
export function series(refId: string, expr: string, legend: string): Target {
  return { refId, datasource: PROMETHEUS, expr, legendFormat: legend, range: true };
}

/** A query of Prometheus about now. */
export function instant(refId: string, expr: string, format: "table" | "time_series"): Target {
  return { refId, datasource: PROMETHEUS, expr, format, instant: true, range: false };
}

/** A search of Tempo. @param query TraceQL. */
export function traceSearch(
  query: string,
  tableType: "traces" | "spans",
  limit: number,
): Target {
  return {
    refId: "A",
    datasource: TEMPO,
    queryType: "traceql",
    query,
    tableType,
    limit,
    spss: 3,
    filters: [],
  };
}

/** Lines over time. */
export function timeSeries(facts: PanelFacts): DashboardPanel {
  return {
    ...common("timeseries", facts, {
      custom: { drawStyle: "line", lineWidth: 1, fillOpacity: 10, showPoints: "never" },
      min: 0,
    }),
    options: {
      legend: { displayMode: "list", placement: "bottom", showLegend: true, calcs: [] },
      tooltip: { mode: "multi", sort: "desc" },
    },
  };
}

/** One number. */
export function stat(facts: PanelFacts): DashboardPanel {
  return {
    ...common("stat", facts, { noValue: "0" }),
    options: {
      colorMode: "value",
      graphMode: "area",
      justifyMode: "auto",
      orientation: "auto",
      textMode: "auto",
      wideLayout: true,
      reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
    },
  };
}

/** How a column of a table is called, and in which unit it is. */
export interface ColumnFacts {
  readonly field: string;
  readonly title: string;
  readonly unit?: string;
}

/** A table of several queries about now, joined by their labels. */
export function joinedTable(facts: PanelFacts, columns: readonly ColumnFacts[]): DashboardPanel {
  return {
    ...table(facts),
    transformations: [
      { id: "merge", options: {} },
      {
        id: "filterFieldsByName",
        options: { include: { names: columns.map(({ field }) => field) } },
      },
      {
        id: "organize",
        options: {
          indexByName: Object.fromEntries(columns.map(({ field }, at) => [field, at])),
          renameByName: Object.fromEntries(columns.map(({ field, title }) => [field, title])),
        },
      },
    ],
    fieldConfig: {
      defaults: {},
      overrides: columns.flatMap(({ title, unit }): FieldOverride[] =>
        unit === undefined ? [] : [{
          matcher: { id: "byName", options: title },
          properties: [{ id: "unit", value: unit }],
        }]
      ),
    },
  };
}

/** A table. */
export function table(facts: PanelFacts): DashboardPanel {
  return {
    ...common("table", facts, {}),
    options: {
      showHeader: true,
      cellHeight: "sm",
      footer: { show: false, reducer: [], fields: "" },
    },
  };
}

function common(
  type: string,
  { title, description, place, unit, targets }: PanelFacts,
  defaults: Record<string, unknown>,
): Omit<DashboardPanel, "options"> {
  return {
    type,
    title,
    ...(description !== undefined && { description }),
    gridPos: place,
    datasource: targets[0]?.datasource ?? PROMETHEUS,
    targets,
    fieldConfig: { defaults: { ...defaults, ...(unit !== undefined && { unit }) }, overrides: [] },
  };
}
