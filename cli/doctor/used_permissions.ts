/**
 * What a module's own text plainly uses that needs a permission. Pure. It tells only what is certain
 * from the text: a name that is put together at run time is not seen.
 *
 * @module
 */
import type { Permissions } from "../../runtime/sandbox/grant.ts";

/** One use that needs a permission. */
export interface PermissionUse {
  kind: "env" | "net" | "read" | "write" | "run";
  /** A variable or a host; absent where the text does not tell which. */
  item?: string;
  /** From 1. */
  line: number;
  /** The use as written. */
  code: string;
}

/** Strings, which are kept, or comments. */
const STRING_OR_COMMENT =
  /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\/[^\n]*|\/\*[^]*?\*\//g;

const NAME = /[A-Za-z_]\w*/.source;

/** Each use, and the group of the pattern that has its item. */
const USES: { kind: PermissionUse["kind"]; pattern: RegExp }[] = [
  { kind: "env", pattern: new RegExp(`\\bDeno\\.env\\.(?:get|has)\\(\\s*["'](${NAME})["']`, "g") },
  { kind: "env", pattern: new RegExp(`\\bprocess\\.env\\.(${NAME})`, "g") },
  { kind: "env", pattern: /\bDeno\.env\.toObject\(/g },
  { kind: "net", pattern: /(?<![.\w$])fetch\(\s*["'`]https?:\/\/([\w.-]+(?::\d+)?)/g },
  { kind: "net", pattern: /(?<![.\w$]|function )fetch\((?!\s*["'`]https?:\/\/[\w.-]+)/g },
  { kind: "net", pattern: /\bDeno\.connect(?:Tls)?\(/g },
  { kind: "read", pattern: fileUse("readTextFile|readFile|readDir|stat|lstat") },
  { kind: "write", pattern: fileUse("writeTextFile|writeFile|mkdir|remove") },
  { kind: "run", pattern: /\bnew Deno\.Command\(/g },
];

/** Calls on files; those in the agent's own data folder need nothing of its first line. */
function fileUse(functions: string): RegExp {
  return new RegExp(
    `\\bDeno\\.(?:${functions})(?:Sync)?\\((?!\\s*[\`"'{$]*\\s*dataFolder\\b)`,
    "g",
  );
}

/** The uses in a module, in the order of its lines. */
export function permissionUses(text: string): PermissionUse[] {
  const code = text.replace(
    STRING_OR_COMMENT,
    (found, string?: string) => string ?? found.replace(/[^\n]/g, " "),
  );
  const lineAt = (index: number) => code.slice(0, index).split("\n").length;
  return USES.flatMap(({ kind, pattern }) =>
    [...code.matchAll(pattern)].map((found) => ({
      kind,
      ...(found[1] === undefined ? {} : { item: found[1] }),
      line: lineAt(found.index),
      code: found[0].replace(/\(\s*$/, "").replace(/(["'])[^"'`]*\1$/, "$&)"),
    }))
  ).toSorted((a, b) => a.line - b.line);
}

/** Whether permissions allow a use, as far as its text tells; when in doubt, they do. */
export function isAllowed({ kind, item }: PermissionUse, permissions: Permissions): boolean {
  const granted = permissions[kind];
  if (granted === true) return true;
  if (kind === "env" && isIgnored(item, permissions.ignoreEnv)) return true;
  if (!Array.isArray(granted) || granted.length === 0) return false;
  if (item === undefined) return true;
  if (kind === "net") return granted.some((host) => host === item || host.split(":")[0] === item);
  return granted.some((name) =>
    name.endsWith("*") ? item.startsWith(name.slice(0, -1)) : name === item
  );
}

/** Whether a variable reads as absent instead of being refused. */
function isIgnored(item: string | undefined, ignored: Permissions["ignoreEnv"]): boolean {
  if (!Array.isArray(ignored)) return ignored === true;
  return item !== undefined && ignored.includes(item);
}

/** The flags that allow uses. */
export function missingFlags(uses: PermissionUse[]): string[] {
  const kinds = new Map<string, Set<string> | true>();
  for (const { kind, item } of uses) {
    const before = kinds.get(kind);
    if (item === undefined || before === true) kinds.set(kind, true);
    else kinds.set(kind, (before ?? new Set<string>()).add(item));
  }
  return [...kinds].map(([kind, items]) =>
    items === true ? `--allow-${kind}` : `--allow-${kind}=${[...items].join(",")}`
  );
}
