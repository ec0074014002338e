/**
 * The flags of an agent's child process: those of its first line, less what belongs to the runtime.
 *
 * Deno takes `--allow-read` and `--allow-write` without a list as leave to make symbolic links, and
 * checks paths as they are written: a link of the agent's own would lead around every `--deny-read`.
 * So both become lists here. Deno lets a folder be renamed although something in it is denied, so the
 * lists of `--allow-write` have no folder in them that holds something of the runtime's.
 *
 * A path that is allowed beats the denial of a folder around it, so no list of a first line keeps a path
 * that is closed. Deno 2.9 sorts all paths of a permission by rules that contradict each other once an
 * allowed path lies below a denied one: then a denial may hold or not. So none ever does.
 *
 * @module
 */
import { join, relative, resolve } from "node:path";
import { MeshError } from "../base/errors.ts";
import type { Environment } from "../base/environment.ts";
import {
  HARMLESS_VARIABLES,
  isWithheld,
  passedNames,
  PROXY_VARIABLES,
} from "./child_environment.ts";
import { childNet, type LeftOut } from "./child_net.ts";
import type { ChildGrant, Permissions } from "./grant.ts";

export { childEnvironment } from "./child_environment.ts";

/** Facts that decide about the flags of a child besides the first line of its agent. */
export interface ChildFacts {
  /** Ports of the registry, of this agent and of the others of this machine that are known. */
  readonly meshPorts: readonly number[];
  /** Addresses of this machine besides loopback, where the mesh may listen too. @default none */
  readonly ownAddresses?: readonly string[] | undefined;
  /** The environment of the process that starts it. */
  readonly environment: Environment;
  /** Absolute paths that are never read nor written, by every way that leads to them. */
  readonly closed: readonly string[];
  /** Absolute paths that are never written: the runtime, the cache of Deno. @default none */
  readonly unwritable?: readonly string[] | undefined;
  /** Absolute path of its data folder, which it may write whatever is around it. @default none */
  readonly data?: string | undefined;
  /** The names in a folder, for what lies beside `closed`. @default as `Deno.readDirSync()` tells */
  readonly list?: ((folder: string) => readonly string[]) | undefined;
}

/**
 * Returns what a child gets, and what not.
 *
 * @param granted What its first line grants, and its data folder; see `withData()`. An agent that may
 * write everything has the folder by {@linkcode ChildFacts.data}.
 * @param loading What it takes to load it; see `loadingPermissions()`. A process cannot give this
 * back once it has loaded, so its code may read its own modules.
 * @throws {MeshError} `bad_config` for a path with a comma in it, which no flag of Deno can name.
 */
export function childGrant(
  granted: Permissions,
  loading: Permissions,
  facts: ChildFacts,
): ChildGrant {
  const { environment, unwritable = [] } = facts;
  const closed = [...facts.closed, ...OF_SYSTEM];
  const variables = passedNames(environment, granted);
  const net = childNet(granted.net, {
    ...facts,
    readable: pick(environment, variables),
    proxies: pick(environment, PROXY_VARIABLES),
  });
  const kept = [...closed, ...unwritable];
  const data = facts.data === undefined ? [] : [facts.data];
  const write = joined(writable(granted.write, kept, facts.list ?? names), data);
  const read = joined(readable(granted.read, closed), loading.read);
  const hosts = joined(granted.import, loading.import);
  return {
    flags: [
      "--no-prompt",
      ...flag("allow-read", read),
      ...(read === false ? [] : denial("read", closed)),
      ...flag("allow-write", write),
      ...(write === false ? [] : denial("write", kept)),
      ...flag("allow-net", net.allow),
      ...flag("deny-net", net.deny),
      ...flag("allow-env", granted.env),
      ...flag("ignore-env", granted.ignoreEnv),
      ...flag("allow-run", granted.run),
      ...flag("allow-sys", granted.sys),
      ...flag("allow-ffi", granted.ffi),
      // Without either flag Deno imports from some well-known hosts.
      ...(hosts === false ? ["--deny-import"] : flag("allow-import", hosts)),
    ],
    net: typeof net.allow === "boolean" ? net.allow : [...net.allow],
    local: [...net.local],
    variables,
    left_out: [...net.leftOut, ...keptPaths(granted, kept), ...keptVariables(environment, granted)],
  };
}

/**
 * Files that lead everywhere: `/proc/self/root` is another name of `/`, and `/proc/1/environ` has the
 * variables of a process. Deno keeps them from code that opens them, but not from code that imports them.
 */
const OF_SYSTEM = Deno.build.os === "windows" ? [] : ["/proc", "/sys", "/dev/fd"];

type Grant = boolean | readonly string[] | undefined;

/** Most characters of one argument, of which Linux takes 128 KiB. */
const LONGEST = 64 * 1024;

/** A flag, or as many as its list takes. */
function flag(name: string, grant: Grant): string[] {
  if (grant === true) return [`--${name}`];
  if (grant === undefined || grant === false) return [];
  const lists: string[] = [];
  for (const item of grant) {
    const last = lists.at(-1);
    if (last === undefined || last.length + item.length > LONGEST) lists.push(item);
    else lists[lists.length - 1] = `${last},${item}`;
  }
  return lists.map((list) => `--${name}=${list}`);
}

/** The flag that denies paths, of which each has to be named exactly. */
function denial(kind: "read" | "write", paths: readonly string[]): string[] {
  const unnameable = paths.find((path) => path.includes(","));
  if (unnameable === undefined) return flag(`deny-${kind}`, paths);
  throw new MeshError(
    "bad_config",
    `${unnameable} has a comma in its path, which no permission of Deno can name; ` +
      "set MCP_MESH_HOME to a folder without one",
  );
}

function joined(a: Grant, b: Grant): boolean | string[] {
  if (a === true || b === true) return true;
  const all = [a, b].flatMap((grant) => typeof grant === "object" ? grant : []);
  return all.length === 0 ? false : [...new Set(all)];
}

function everything(): true | string[] {
  // The drives of Windows have no folder in common.
  return Deno.build.os === "windows" ? true : ["/"];
}

function readable(granted: Grant, closed: readonly string[]): Grant {
  if (granted === true) return everything();
  if (typeof granted !== "object") return granted;
  const isClosed = (path: string) => closed.some((each) => contains(each, path));
  return granted.map((path) => resolve(path))
    .filter((path) => !isClosed(path) && !isClosed(realPath(path)));
}

function writable(
  granted: Grant,
  kept: readonly string[],
  list: (folder: string) => readonly string[],
): boolean | string[] {
  const tops = granted === true ? everything() : granted;
  if (typeof tops !== "object") return tops ?? false;
  const paths = tops.flatMap((top) => beside(resolve(top), kept, list));
  return paths.length === 0 ? false : paths;
}

/** A path, or what is in it besides the paths that hold or are something kept. */
function beside(
  path: string,
  kept: readonly string[],
  list: (folder: string) => readonly string[],
): string[] {
  const real = realPath(path);
  const isIn = (folder: string) => kept.some((each) => contains(each, folder));
  if (path.includes(",") || isIn(path) || isIn(real)) return [];
  if (!kept.some((each) => contains(path, each) || contains(real, each))) return [path];
  // A link to such a folder is another way into it.
  if (real !== path && !kept.some((each) => contains(path, each))) return [];
  return list(path).flatMap((name) => beside(join(path, name), kept, list));
}

/** Whether a path is a folder or lies in it. */
function contains(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === "" || !/^\.\.([/\\]|$)/.test(way) && way !== path;
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    // It is not there, so it leads nowhere.
    return path;
  }
}

function names(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    // What cannot be listed is not granted.
    return [];
  }
}

function keptPaths(granted: Permissions, kept: readonly string[]): LeftOut[] {
  return (["read", "write"] as const).flatMap((kind) => {
    const grant = granted[kind];
    const paths = grant === true ? [undefined] : typeof grant === "object" ? grant : [];
    return paths.flatMap((path) => {
      if (
        path !== undefined && !kept.some((each) => contains(each, path) || contains(path, each))
      ) {
        return [];
      }
      const what = `--allow-${kind}${path === undefined ? "" : `=${path}`}`;
      return [{ what, why: "but for what the mesh and the runtime keep there" }];
    });
  });
}

function keptVariables(environment: Environment, granted: Permissions): LeftOut[] {
  const { env } = granted;
  const isSet = (name: string) => environment[name] !== undefined;
  const written = Array.isArray(env)
    ? env.filter((name) => /^MCP_MESH_.*\*$/i.test(name) || isWithheld(name, granted))
    : env === true
    ? Object.keys(environment).filter((name) => isSet(name) && isWithheld(name, granted))
    : [];
  const why = `of the variables of the mesh only ${HARMLESS_VARIABLES.join(", ")} are passed on`;
  return written.map((name) => ({
    what: `--allow-env=${name}`,
    why: /^MCP_MESH_/i.test(name) ? why : "it is for the process that Deno runs",
  }));
}

function pick(environment: Environment, wanted: readonly string[]): Environment {
  return Object.fromEntries(wanted.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value]];
  }));
}
