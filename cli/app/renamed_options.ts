/**
 * What fingers know from the reference's command line and this one has not, and what there is
 * instead. An error about an unknown word says it; the README lists it.
 *
 * @module
 */

const PLAIN_HTTP =
  "Agents and registry speak plain HTTP; put what ends TLS in front of them, and " +
  "name it with --registry-url https://…";
const NO_DASHBOARD = "`top`, `events -f` and `trace -f` show a mesh as it runs; " +
  "`scaffold observability` writes one that Grafana shows.";
const IN_ITS_FILE = "An agent's file says it: agent({ version, tools: { … capability … } }).";

/** By option, or by command and option where it is another thing elsewhere. */
const OPTIONS: Readonly<Record<string, string>> = {
  "--agent-version": IN_ITS_FILE,
  "--capabilities": IN_ITS_FILE,
  "--cert-file": PLAIN_HTTP,
  "--dashboard": NO_DASHBOARD,
  "--db-path": "MCP_MESH_KV=PATH names the database of a registry that is started here.",
  "--group": "Start meshctl as that user: sudo -u USER -g GROUP meshctl start …",
  "--health-check-interval":
    "MCP_MESH_HEALTH_INTERVAL=SECONDS is how often agents beat; --env sets it for these agents.",
  "--healthy-only": "Only healthy agents are listed anyway; --all shows the others.",
  "--ingress-domain": "Name the agent's own address: --agent-url https://AGENT.DOMAIN",
  "--ingress-url": "Name the agent's own address: --agent-url https://AGENT.DOMAIN",
  "--insecure":
    "Certificates are always checked; DENO_CERT=ca.pem adds an authority of your own to the trusted.",
  "--key-file": PLAIN_HTTP,
  "--params":
    'Arguments follow the tool: call TOOL name=value, or call TOOL \'{"name": "value"}\'.',
  "--secure": PLAIN_HTTP,
  "--tls-auto": PLAIN_HTTP,
  "--ui": NO_DASHBOARD,
  "--ui-port": NO_DASHBOARD,
  "--user": "Start meshctl as that user: sudo -u USER meshctl start …",
  "man --day": "The ten days are in agents/trip-planner/README.md of the repository.",
  "man --java": "Pages are written for Deno.",
  "man -j": "Pages are written for Deno.",
  "stop --all": "Without names everything is stopped.",
};

const COMMANDS: Readonly<Record<string, string>> = {
  entity:
    "Nobody is trusted by certificate: MCP_MESH_ADMIN_TOKEN and MCP_MESH_MCP_TOKEN are a registry's secrets.",
  job: "A registry here keeps no jobs; a tool may run for as long as --timeout of `call` lets it.",
  "start-registry": "Start one with `start --registry-only -d`.",
  ui: NO_DASHBOARD,
  version: "`--version` tells it.",
};

/**
 * What there is instead of an option.
 *
 * @param command The command it was given to, such as `stop`.
 * @param option As typed, with its dashes.
 */
export function insteadOfOption(command: string, option: string): string | undefined {
  const own = `${command} ${option}`;
  if (Object.hasOwn(OPTIONS, own)) return OPTIONS[own];
  return Object.hasOwn(OPTIONS, option) ? OPTIONS[option] : undefined;
}

/** What there is instead of a command. */
export function insteadOfCommand(name: string): string | undefined {
  return Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
}

/** Every option and command that is explained, for the README and its test. */
export const ABSENT: readonly string[] = [...Object.keys(OPTIONS), ...Object.keys(COMMANDS)];
