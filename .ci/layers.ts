/**
 * The layers of the rooms: which folders the files of a folder may import, types included. `deno lint`
 * holds everybody to it (rooms.ts); `deno task layers` prints it with what is there today.
 *
 * @module
 */

/** Layers of a room, lowest first. A layer has the folders below it that are no layers of their own. */
type Layers = Readonly<Record<string, readonly string[]>>;

const RUNTIME: Layers = {
  base: [],
  protocol: ["base"],
  metrics: [],
  define: ["base", "protocol"],
  boundary: ["base", "protocol", "define"],
  tracing: ["base", "protocol", "define", "boundary"],
  mcp: ["base", "protocol", "define", "boundary"],
  wiring: ["base", "protocol", "define"],
  node: [
    ...["base", "protocol", "metrics", "define", "boundary"],
    ...["tracing", "mcp", "wiring"],
  ],
  bridge: ["base", "protocol", "define", "boundary", "mcp"],
  "llm/wire": ["base", "protocol", "define", "boundary"],
  "llm/engine": ["base", "protocol", "define", "llm/wire"],
  "llm/chat": ["base", "protocol", "define", "boundary", "llm/wire"],
  "llm/provider": ["base", "protocol", "define", "boundary", "llm/wire", "llm/engine"],
  // The side of the agent's code.
  handler: ["base", "protocol", "define", "boundary", "llm/chat", "llm/provider"],
  sandbox: ["base", "protocol", "define", "boundary"],
  // The side of the agent's code, isolated: in a worker, or in a process of its own.
  "handler/isolated": ["base", "protocol", "define", "boundary", "handler", "llm/chat"],
  "handler/worker": ["base", "boundary", "handler/isolated", "sandbox"],
  "handler/child": ["base", "boundary", "handler/isolated"],
  // The only trusted code that imports the side of the agent's code: there is one thread for both.
  in_thread: ["base", "protocol", "define", "boundary", "mcp", "node", "handler", "llm/chat"],
  process: ["base", "protocol", "define", "boundary", "node", "sandbox"],
};

/** What the registry and `meshctl` share with agents. */
const SHARED = ["runtime/base", "runtime/protocol"];

const REGISTRY: Layers = {
  base: [...SHARED, "runtime/metrics"],
  config: [...SHARED, "base"],
  directory: [...SHARED, "base", "config"],
  trace: [...SHARED, "base", "config", "directory"],
  http: [...SHARED, "runtime/metrics", "base", "config", "directory"],
  view: [...SHARED, "base", "directory"],
  describe: [...SHARED, "base"],
  mcp: [...SHARED, "base", "directory", "http"],
  routes: [
    ...[...SHARED, "runtime/metrics", "base", "config", "directory"],
    ...["trace", "http", "view", "describe", "mcp"],
  ],
  app: [
    ...[...SHARED, "runtime/metrics", "base", "config", "directory"],
    ...["trace", "http", "routes"],
  ],
};

const CLI: Layers = {
  base: ["runtime/base"],
  settings: ["runtime/base", "base"],
  output: ["runtime/base", "base"],
  app: ["runtime/base", "base", "settings", "output"],
  machine: ["runtime/base", "runtime/process", "runtime/sandbox", "base"],
  analysis: ["runtime/base", "runtime/sandbox", "base", "app", "machine"],
  mesh: [...SHARED, "base", "settings", "output", "app", "machine"],
  view: [
    ...[...SHARED, "runtime/process", "runtime/sandbox", "registry/view"],
    ...["base", "output", "app", "machine", "mesh"],
  ],
  call: [
    ...[...SHARED, "runtime/boundary", "runtime/mcp"],
    ...["base", "output", "app", "mesh"],
  ],
  trace: [...SHARED, "base", "output", "app", "mesh"],
  mcp: ["runtime/base", "registry/mcp"],
  man: ["runtime/testing", "output", "app"],
  "scaffold/observability": ["base"],
  start: [
    ...[...SHARED, "runtime/bridge", "runtime/define", "runtime/process", "runtime/sandbox"],
    ...["base", "settings", "output", "app", "machine", "analysis", "mesh", "view"],
    "scaffold/observability",
  ],
  scaffold: [
    ...["runtime/base", "runtime/llm/engine"],
    ...["base", "app", "machine", "start"],
  ],
  doctor: [
    ...[...SHARED, "runtime/llm/engine", "runtime/process", "runtime/sandbox"],
    ...["registry/base", "registry/config", "registry/trace"],
    ...["base", "output", "app", "machine", "analysis", "mesh", "view", "start", "scaffold"],
  ],
  supervise: [
    ...["runtime/base", "runtime/process", "runtime/sandbox"],
    ...["base", "output", "app", "machine", "analysis", "start"],
  ],
  top: [...SHARED, "runtime/node", "output", "app", "mesh", "view"],
  shell: ["runtime/base", "base", "app", "machine", "mesh", "view", "call"],
  completion: ["base", "app", "machine", "mesh", "trace"],
  commands: [
    ...[...SHARED, "runtime/process", "registry", "registry/base", "registry/view"],
    ...["base", "settings", "output", "app", "machine", "analysis", "mesh", "view"],
    ...["call", "trace", "mcp", "man", "scaffold/observability", "start", "scaffold"],
    ...["doctor", "supervise", "top", "shell", "completion"],
  ],
  binary: ["runtime/base", "cli", "base", "settings"],
};

/** By the path of each layer, the paths of those that it may import. */
export const LAYERS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({ runtime: RUNTIME, registry: REGISTRY, cli: CLI }).flatMap(([room, layers]) =>
    Object.entries(layers).map(([layer, allowed]) =>
      [
        `${room}/${layer}`,
        new Set(allowed.map((other) => Object.hasOwn(layers, other) ? `${room}/${other}` : other)),
      ] as const
    )
  ),
);

/** Imports upward, each made when it is needed: what is loaded by then is of no layer. */
const DOORS: Readonly<Record<string, string>> = {
  "runtime/define/servable.ts": "runtime/in_thread/serve_in_thread.ts",
  "runtime/define/join_mesh.ts": "runtime/in_thread/joined.ts",
  // The table of commands loads the one that is asked for.
  "cli/app/commands.ts": "cli/commands/",
};

/** Files that no program of users loads: they import what they are about. */
const OUTSIDE = /_(test|bench|fixture)\.tsx?$|(^|\/)(testdata|suites|testing|e2e)\//;

/**
 * Returns the layer that a file is in; `undefined` for the modules of a room that put it together, for
 * tests, and for other rooms.
 *
 * @param file Path from the root of the repository.
 */
export function layerOf(file: string): string | undefined {
  if (OUTSIDE.test(file)) return undefined;
  const folders = file.split("/").slice(0, -1);
  for (let depth = folders.length; depth > 1; depth--) {
    const folder = folders.slice(0, depth).join("/");
    if (LAYERS.has(folder)) return folder;
  }
  return undefined;
}

/**
 * Returns what is wrong with an import between layers, if anything.
 *
 * @param from The importing file, and
 * @param to the imported one, from the root of the repository.
 */
export function layerProblem(from: string, to: string): string | undefined {
  const layer = layerOf(from);
  if (layer === undefined || to.startsWith(DOORS[from] ?? "\0")) return undefined;
  const other = layerOf(to) ?? to.split("/").slice(0, -1).join("/");
  const allowed = LAYERS.get(layer) ?? new Set();
  if (other === layer || allowed.has(other)) return undefined;
  return `${from} imports ${to}; ${layer} may import ${
    [...allowed].join(", ") || "nothing else"
  } ` +
    "(.ci/layers.ts)";
}
