import { deepEqual, equal, match, ok } from "node:assert/strict";
import { dirname, join } from "node:path";
import type { Dashboard } from "@grafana/schema";
import { parse } from "yaml";
import { RegistryMetrics } from "../../../registry/base/registry_metrics.ts";
import * as agentMetrics from "../../../runtime/node/agent_metrics.ts";
import { observabilityEnvironment, observabilityStack, STACK_FILE } from "./stack.ts";
import { tracesDashboard } from "./traces_dashboard.ts";
import { trafficDashboard } from "./traffic_dashboard.ts";
import { isInstalled } from "../../../.ci/fixtures/process_tests.ts";

const OPTIONS = [{ name: "trip" }, { name: "trip", registry: "http://registry:8000" }];

/** A file of the stack, read. */
function file(path: string, options = OPTIONS[0] ?? { name: "trip" }) {
  const found = observabilityStack(options).find((each) => each.path === path);
  if (found === undefined) throw new Error(`no ${path}`);
  return path.endsWith(".json") ? JSON.parse(found.text) : parse(found.text);
}

/** Runs a program over a stack's folder; what it said when it was not content. */
async function complaints(
  program: string,
  args: (folder: string) => string[],
  options = OPTIONS[0],
) {
  const folder = await Deno.makeTempDir();
  try {
    for (const { path, text } of observabilityStack(options ?? { name: "trip" })) {
      await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
      await Deno.writeTextFile(join(folder, path), text);
    }
    const command = new Deno.Command(program, { args: args(folder), stdin: "null" });
    const { success, stdout, stderr } = await command.output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    return success ? "" : said;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const hasPromtool = isInstalled("promtool", "--version");
const hasCompose = isInstalled("docker", "compose", "version");

Deno.test("observabilityStack() mounts files it has, and names services that are there", () => {
  for (const options of OPTIONS) {
    const paths = observabilityStack(options).map(({ path }) => path);
    equal(new Set(paths).size, paths.length);
    const { services, volumes } = file(STACK_FILE, options);
    deepEqual(Object.keys(services), ["redis", "tempo", "prometheus", "grafana"]);
    for (const service of Object.values<{ volumes: string[]; ports?: string[] }>(services)) {
      for (const mount of service.volumes) {
        const [from = ""] = mount.split(":");
        if (from.startsWith("./")) ok(paths.some((path) => `./${path}`.startsWith(from)), from);
        else ok(from in volumes, from);
      }
      // What asks for no password is for this machine alone.
      for (const port of service.ports ?? []) match(port, /^127\.0\.0\.1:/);
    }
    for (const name of services.grafana.depends_on) ok(name in services);
  }
});

Deno.test("observabilityStack() leads everybody to everybody, on this machine or in a network", () => {
  const expected = [
    [
      "localhost:8000",
      "http://localhost:8000/metrics/targets",
      "http://localhost:3200",
      "localhost",
    ],
    ["registry:8000", "http://registry:8000/metrics/targets", "http://tempo:3200", "tempo"],
  ];
  OPTIONS.forEach((options, at) => {
    const [registry, agents] = file("prometheus.yml", options).scrape_configs;
    const sources = file("grafana/provisioning/datasources/datasources.yaml", options).datasources;
    const environment = observabilityEnvironment(options);
    deepEqual([
      registry.static_configs[0].targets[0],
      agents.http_sd_configs[0].url,
      sources[0].url,
      environment["TELEMETRY_ENDPOINT"]?.replace(":4317", ""),
    ], expected[at]);
    equal(environment["TEMPO_URL"], sources[0].url);
  });
});

for (const build of [tracesDashboard, trafficDashboard]) {
  const { uid } = build();

  Deno.test(`dashboard ${uid} is what Grafana's schema says`, () => {
    // The check is made by the compiler: panels and variables are the schema's types.
    const board = build();
    const typed: Pick<Dashboard, "panels" | "uid" | "title" | "schemaVersion"> = {
      uid: board.uid,
      title: board.title,
      schemaVersion: 41,
      panels: board.panels.map(({ transformations, description, ...panel }) => ({
        ...panel,
        fieldConfig: { ...panel.fieldConfig },
        ...(description !== undefined && { description }),
        ...(transformations !== undefined && { transformations }),
      })),
    };
    equal(typed.panels?.length, board.panels.length);
  });

  Deno.test(`dashboard ${uid} has panels that do not overlap, and sources that are provisioned`, () => {
    const { panels } = build();
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + at % w},${y + Math.floor(at / w)}`)
    );
    equal(new Set(cells).size, cells.length);
    ok(panels.every(({ gridPos: { x, w } }) => x + w <= 24));
    const { datasources } = file("grafana/provisioning/datasources/datasources.yaml");
    const uids = datasources.map(({ uid }: { uid: string }) => uid);
    for (const { targets } of panels) {
      for (const { datasource } of targets) ok(uids.includes(datasource.uid));
    }
  });
}

/** Every expression of PromQL, with Grafana's variables filled in. */
function expressions(): string[] {
  return [tracesDashboard(), trafficDashboard()].flatMap(({ panels }) =>
    panels.flatMap(({ targets }) =>
      targets.flatMap(({ expr }) => typeof expr === "string" ? [expr] : [])
    )
  ).map((expr) =>
    expr.replaceAll("$__rate_interval", "5m").replaceAll("$__range", "1h").replaceAll(
      "$agent",
      ".*",
    )
  );
}

Deno.test("the dashboards ask for metrics that agents and registries have", () => {
  using metrics = new DisposableStack();
  const registry = new RegistryMetrics("test");
  registry.observeAgents(() => []);
  metrics.use(registry.observeProcess());
  const known = new Set([
    ...[...registry.all.text().matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name ?? ""),
    ...[registry.requests, registry.heartbeats, registry.database, registry.spans].map(
      ({ definition }) => definition.name,
    ),
    ...Object.values(agentMetrics).map(({ name }) => name),
  ]);
  const asked = new Set(
    expressions().flatMap((expr) =>
      [...expr.matchAll(/\b([a-z][a-z0-9_]+)\{/g)].map(([, name]) => name ?? "")
    ),
  );
  ok(asked.size >= 8, [...asked].join());
  for (const name of asked) ok(known.has(name.replace(/_(bucket|count|sum)$/, "")), name);
});

Deno.test({
  name: "promtool understands every expression of the dashboards (needs Debian's prometheus)",
  ignore: !hasPromtool,
  fn: async () => {
    const rules = expressions().map((expr, at) => ({ record: `x${at}`, expr }));
    const path = await Deno.makeTempFile({ suffix: ".json" });
    try {
      await Deno.writeTextFile(path, JSON.stringify({ groups: [{ name: "all", rules }] }));
      equal(await complaints("promtool", () => ["check", "rules", path]), "");
    } finally {
      await Deno.remove(path);
    }
  },
});

Deno.test({
  name: "promtool understands prometheus.yml (needs Debian's prometheus)",
  ignore: !hasPromtool,
  fn: async () => {
    for (const options of OPTIONS) {
      const args = (folder: string) => ["check", "config", join(folder, "prometheus.yml")];
      equal(await complaints("promtool", args, options), "");
    }
  },
});

Deno.test({
  name: "docker compose understands the stack (needs its plugin)",
  ignore: !hasCompose,
  fn: async () => {
    for (const options of OPTIONS) {
      const args = (folder: string) => ["compose", "-f", join(folder, STACK_FILE), "config", "-q"];
      equal(await complaints("docker", args, options), "");
    }
  },
});
