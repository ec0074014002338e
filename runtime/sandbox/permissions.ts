/**
 * Permissions, read from where an agent declares them: the flags of its shebang line (design §3).
 *
 * @module
 */
import { dirname, isAbsolute, resolve } from "node:path";
import { MeshError } from "../base/errors.ts";
import type { Permissions } from "./grant.ts";

type Kind = Exclude<keyof Permissions, "ignoreEnv">;

const KINDS: readonly Kind[] = ["net", "read", "write", "env", "run", "sys", "ffi", "import"];
const SHORT: Readonly<Record<string, Kind>> = {
  N: "net",
  R: "read",
  W: "write",
  E: "env",
  S: "sys",
  I: "import",
};
/** Flags that change how a script runs, not what it may touch. */
const HARMLESS =
  /^(-q|--quiet|--no-prompt|--no-check|--no-lock|--no-remote|--cached-only|--unstable-[a-z-]+|--check)$/;
/** The same with a value. */
const HARMLESS_VALUE = /^(--config|-c|--import-map|--node-modules-dir|--v8-flags|--seed)=/;

/** The ends of lines in JavaScript (ECMA-262 §12.3). */
const LINE_END = /\r\n|[\n\r\u2028\u2029]/;
/**
 * A line that runs a file with Deno: by its path or with `env`, which takes options and variables first.
 */
const SHEBANG = new RegExp(
  [
    /^#!\s*(?:\S*\/)?/,
    /(?:env\s+(?:-[iv0]*S\s*|--split-string(?:=|\s+)|-[iv0]+\s+|--[\w-]+\s+|\w+=\S*\s+)*(?:\S*\/)?)?/,
    /deno(?:\.exe)?(?:\s+(.*))?$/,
  ].map(({ source }) => source).join(""),
);

/**
 * The permissions a file's shebang grants.
 *
 * @param source The file's text, which may begin with a byte order mark.
 * @param file Its absolute path; relative paths in flags are taken from its folder.
 * @returns `undefined` when the first line is not a Deno shebang.
 * @throws {MeshError} `bad_definition` for a flag that cannot be honoured.
 */
export function parseShebang(source: string, file: string): Permissions | undefined {
  const [line = ""] = source.replace(/^\uFEFF+/, "").split(LINE_END, 1);
  const shebang = SHEBANG.exec(line);
  if (shebang === null) return undefined;
  const words = (shebang[1] ?? "").trim().split(/\s+/).filter((word) => word !== "");
  const flags = words[0] === "run" || words[0] === "serve" ? words.slice(1) : words;
  const permissions: Permissions = {};
  for (const flag of flags) grant(permissions, flag, file);
  return permissions;
}

function grant(permissions: Permissions, flag: string, file: string): void {
  if (HARMLESS.test(flag) || HARMLESS_VALUE.test(flag)) return;
  if (flag === "-A" || flag === "--allow-all") {
    for (const kind of KINDS) permissions[kind] = true;
    return;
  }
  const ignored = flag.match(/^--ignore-env(?:=(.*))?$/);
  if (ignored !== null) {
    add(permissions, "ignoreEnv", ignored[1], file);
    return;
  }
  const long = flag.match(/^--allow-([a-z]+)(?:=(.*))?$/);
  const short = flag.match(/^-([A-Z])(?:=(.*))?$/);
  const kind = long ? KINDS.find((known) => known === long[1]) : SHORT[short?.[1] ?? ""];
  if (kind === undefined) {
    throw new MeshError(
      "bad_definition",
      `${file}:1: the shebang's flag ${flag} cannot be given to a sandbox; use --allow-${
        KINDS.join(", --allow-")
      } (with =values to narrow them)`,
    );
  }
  add(permissions, kind, (long ?? short)?.[2], file);
}

function add(
  permissions: Permissions,
  kind: keyof Permissions,
  value: string | undefined,
  file: string,
): void {
  const before = permissions[kind];
  if (before === true) return;
  if (value === undefined) {
    permissions[kind] = true;
    return;
  }
  const values = value.split(",").filter((item) => item !== "");
  const absolute = kind === "read" || kind === "write" || kind === "ffi"
    ? values.map((path) => isAbsolute(path) ? path : resolve(dirname(file), path))
    : values;
  permissions[kind] = [...(Array.isArray(before) ? before : []), ...absolute];
}

/** The command-line flags that grant `permissions`. */
export function permissionFlags(permissions: Permissions): string[] {
  return KINDS.flatMap((kind) => {
    const granted = permissions[kind];
    if (granted === undefined || granted === false) return [];
    if (granted === true) return [`--allow-${kind}`];
    return granted.length === 0 ? [] : [`--allow-${kind}=${granted.join(",")}`];
  });
}

/** What a worker is created with: a kind that is not granted is refused, never inherited. */
export function workerPermissions(permissions: Permissions): Deno.PermissionOptionsObject {
  return Object.fromEntries(KINDS.map((kind) => {
    const granted = permissions[kind] ?? false;
    return [kind, Array.isArray(granted) && granted.length === 0 ? false : granted];
  }));
}

/** The names of `environment` that agent code may read. */
export function readableNames(
  environment: Readonly<Record<string, unknown>>,
  { env = false }: Permissions,
): string[] {
  const names = Object.keys(environment);
  if (!Array.isArray(env)) return env ? names : [];
  return names.filter((name) =>
    env.some((item) => item.endsWith("*") ? name.startsWith(item.slice(0, -1)) : name === item)
  );
}

/** Everything that either of two grants allows. */
export function union(a: Permissions, b: Permissions): Permissions {
  const kinds = new Set([...keysOf(a), ...keysOf(b)]);
  return Object.fromEntries([...kinds].map((kind) => [kind, joinGrants(a[kind], b[kind])]));
}

/** The kinds that permissions say something about. */
export function keysOf(permissions: Permissions): (keyof Permissions)[] {
  // The schema allows no other keys.
  return Object.keys(permissions) as (keyof Permissions)[];
}

type Grant = NonNullable<Permissions[keyof Permissions]>;

function joinGrants(a: Grant | undefined, b: Grant | undefined): Grant {
  if (a === true || b === true) return true;
  const lists = [a, b].filter((grant) => Array.isArray(grant));
  return lists.length === 0 ? false : [...new Set(lists.flat())];
}

/**
 * Permissions, and everything in a folder of the agent's own.
 *
 * @param access `read` when it may not write there.
 */
export function withData(
  permissions: Permissions,
  folder: string | undefined,
  access: "read" | "write" = "write",
): Permissions {
  if (folder === undefined) return permissions;
  const write = access === "write" ? { write: [folder] } : {};
  return union(permissions, { read: [folder], ...write });
}
