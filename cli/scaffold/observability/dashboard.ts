/**
 * A Grafana dashboard around its panels. Pure.
 *
 * @module
 */
import type { DashboardPanel } from "./panel.ts";

/** A variable that whoever looks may set. */
export interface DashboardVariable {
  readonly name: string;
  readonly label: string;
  readonly type: "query" | "textbox";
  readonly [more: string]: unknown;
}

/** What {@linkcode dashboard} is told. */
export interface DashboardFacts {
  uid: string;
  title: string;
  description: string;
  tags: string[];
  /** How far back it looks, such as `1h`. */
  from: string;
  variables: DashboardVariable[];
  panels: DashboardPanel[];
}

/** A dashboard as Grafana reads it. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: (DashboardPanel & { id: number })[];
  readonly templating: { list: DashboardVariable[] };
  readonly [more: string]: unknown;
}

/** A dashboard. */
export function dashboard(
  { uid, title, description, tags, from, variables, panels }: DashboardFacts,
): Dashboard {
  return {
    uid,
    title,
    description,
    tags,
    schemaVersion: 41,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: "10s",
    time: { from: `now-${from}`, to: "now" },
    timezone: "browser",
    annotations: { list: [] },
    links: [{
      type: "dashboards",
      title: "MCP Mesh",
      tags: ["mcp-mesh"],
      asDropdown: true,
      includeVars: false,
      keepTime: true,
      targetBlank: false,
      icon: "external link",
      tooltip: "",
      url: "",
    }],
    templating: { list: variables },
    panels: panels.map((panel, at) => ({ id: at + 1, ...panel })),
  };
}
