/**
 * The published MCP servers that the tests start, by `npx` and without Node.
 *
 * @module
 */
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { RunningMeshctl, TestMesh } from "./meshctl.ts";
import { userFile } from "./program.ts";

/** Versions the tests are about. */
const VERSIONS = { everything: "2026.8.31", memory: "2026.8.31" };

/** A published server. */
export type PublishedServer = keyof typeof VERSIONS;

/** How a published server is started, by what starts it. */
export const LAUNCHERS: Readonly<Record<string, (server: PublishedServer) => string>> = {
  npx: (server) => `npx -y ${packageOf(server)}`,
  deno: (server) => `deno run --quiet -A --no-lock npm:${packageOf(server)}`,
};

function packageOf(server: PublishedServer): string {
  return `@modelcontextprotocol/server-${server}@${VERSIONS[server]}`;
}

/** Variables that a machine may need to reach the npm registry. */
const NETWORK = [
  "DENO_CERT",
  "DENO_DIR",
  "DENO_TLS_CA_STORE",
  "HTTPS_PROXY",
  "HTTP_PROXY",
  "NODE_EXTRA_CA_CERTS",
  "NO_PROXY",
  "NPM_CONFIG_REGISTRY",
  "SSL_CERT_DIR",
  "SSL_CERT_FILE",
  "https_proxy",
  "http_proxy",
  "no_proxy",
  "npm_config_cache",
  "npm_config_registry",
];

/** Options of a start with one server that is a command, which is then told apart by its home. */
export function withCommand(name: string, command: string): string[] {
  const passedOn = ["MCP_MESH_HOME", ...NETWORK.filter((key) => Deno.env.get(key) !== undefined)];
  return [
    "--mcp",
    `${name}=${command}`,
    ...passedOn.flatMap((key) => ["--mcp-env", `${name}=${key}`]),
    // The first start of a server downloads it.
    "--startup-timeout",
    "180",
  ];
}

/** A server without any package, for what only has to be some server. */
export function plainServer(...mode: string[]): string {
  const file = userFile("runtime/bridge/testdata/stdio_server.ts");
  return ["deno run --quiet --allow-env", file, ...mode].join(" ");
}

/** An MCP client of an agent of a mesh. */
export async function clientOf(mesh: TestMesh, name: string): Promise<Client & AsyncDisposable> {
  const { agents } = JSON.parse((await mesh.run("list", "--json")).stdout);
  const { endpoint } = agents.find((agent: { name: string }) => agent.name === name);
  const client = new Client({ name: "test", version: "1.0.0" }, {
    versionNegotiation: { mode: { pin: "2026-07-28" } },
  });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${endpoint}/mcp`)));
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}

/** What a call answers on the command line. */
export async function call(mesh: TestMesh, tool: string, args: unknown = {}): Promise<{
  content: Record<string, unknown>[];
  structuredContent?: Record<string, unknown>;
}> {
  const { code, stdout, stderr } = await mesh.run("call", tool, JSON.stringify(args));
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** The process of {@linkcode plainServer} behind an agent, told by its own tool. */
export async function pidOfPlainServer(mesh: TestMesh, name: string): Promise<number> {
  return Number((await call(mesh, `${name}:about`)).structuredContent?.["pid"]);
}

/** Ends a foreground start as Ctrl+C does; how long that took, in milliseconds. */
export async function interrupt(running: RunningMeshctl): Promise<number> {
  const pressed = performance.now();
  running.signal("SIGINT");
  await running.ended;
  return performance.now() - pressed;
}

/** Reads a stream to its end, and resolves once it has said `text`. */
export async function readUntil(
  stream: ReadableStream<Uint8Array>,
  text: string,
): Promise<{ ended: Promise<void> }> {
  const said = Promise.withResolvers<void>();
  let all = "";
  const write = (more: string) => {
    all += more;
    if (all.includes(text)) said.resolve();
  };
  const ended = stream.pipeThrough(new TextDecoderStream()).pipeTo(new WritableStream({ write }));
  void ended.then(() => said.reject(new Error(`ended without "${text}":\n${all}`)));
  await said.promise;
  return { ended };
}
