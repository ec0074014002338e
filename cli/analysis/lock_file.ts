/**
 * Lock files: which versions of packages modules get, and what is in them. An agent's process has
 * one, with what the runtime's says and what the project's adds. Pure.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import * as z from "zod";

/** A package of npm. Members that are not named here stay as they are. */
const PackageSchema = z.looseObject({
  dependencies: z.array(z.string()).optional(),
  optionalDependencies: z.array(z.string()).optional(),
});
type Package = z.output<typeof PackageSchema>;
type Packages = Record<string, Package>;

/**
 * What a lock file says, in the form of Deno 2.3 and newer. What it says of the configuration it was
 * made for is left out: no configuration is read.
 */
export const LockFileSchema = z.object({
  version: z.literal("5"),
  /** Versions by what is asked for: `npm:ms@^2` → `2.1.3`. */
  specifiers: z.record(z.string(), z.string()).default({}),
  npm: z.record(z.string(), PackageSchema).default({}),
  jsr: z.record(z.string(), z.unknown()).default({}),
  redirects: z.record(z.string(), z.string()).default({}),
  remote: z.record(z.string(), z.string()).default({}),
});
/** What a lock file says. */
export type LockFile = z.output<typeof LockFileSchema>;

/** A lock file that says nothing. */
export const EMPTY_LOCK: LockFile = LockFileSchema.parse({ version: "5" });

/**
 * A lock file with all that several say; where they differ, the first holds. Each package keeps the
 * dependencies that it has in its own file.
 */
export function mergedLocks([first, ...others]: readonly LockFile[]): LockFile {
  if (first === undefined) return EMPTY_LOCK;
  return others.reduce((lock, other) => ({
    version: lock.version,
    specifiers: { ...other.specifiers, ...lock.specifiers },
    npm: { ...withWholeNames(other.npm), ...withWholeNames(lock.npm) },
    jsr: { ...other.jsr, ...lock.jsr },
    redirects: { ...other.redirects, ...lock.redirects },
    remote: { ...other.remote, ...lock.remote },
  }), first);
}

/**
 * Leaves out where packages are to be downloaded from: they come from where the user gets packages,
 * and must be what the lock file says all the same.
 */
export function withoutAddresses({ npm, ...lock }: LockFile): LockFile {
  const packages = Object.entries(npm).map(([name, { tarball: _, ...rest }]) => [name, rest]);
  return { ...lock, npm: Object.fromEntries(packages) };
}

/** The part of a lock file that some packages and all they depend on need. */
export function lockOf(
  packages: Iterable<string>,
  { npm, specifiers, ...lock }: LockFile,
): LockFile {
  const all = withWholeNames(npm);
  const kept = new Set<string>();
  const keep = (name: string) => {
    if (kept.has(name)) return;
    kept.add(name);
    for (const needed of dependenciesOf(all[name])) keep(packageIn(needed));
  };
  for (const name of packages) keep(name);
  return {
    ...lock,
    specifiers: Object.fromEntries(
      Object.entries(specifiers).filter(([specifier, version]) => {
        const name = /^npm:(@?[^@]+)/.exec(specifier)?.[1];
        return name === undefined || kept.has(`${name}@${version}`);
      }),
    ),
    npm: Object.fromEntries(Object.entries(all).filter(([name]) => kept.has(name))),
  };
}

/** Whether a lock file has all that another one says, and the same. */
export function keeps(lock: LockFile, other: LockFile): boolean {
  const [npm, wanted] = [lock, other].map((each) => withWholeNames(each.npm)) as [
    Packages,
    Packages,
  ];
  const isSame = (name: string, key: string) =>
    isDeepStrictEqual(npm[name]?.[key], wanted[name]?.[key]);
  return Object.entries(other.specifiers).every(([name, to]) => lock.specifiers[name] === to) &&
    Object.keys(wanted).every((name) =>
      ["integrity", "dependencies", "optionalDependencies"].every((key) => isSame(name, key))
    );
}

/** The text of a lock file. */
export function lockText(lock: LockFile): string {
  return `${JSON.stringify(lock, null, 2)}\n`;
}

/** Packages whose dependencies are named with their versions, as they need not be in one file. */
function withWholeNames(npm: Packages): Packages {
  const byName = new Map<string, string>();
  for (const key of Object.keys(npm)) byName.set(key.slice(0, key.indexOf("@", 1)), key);
  const whole = (needed: string) => {
    const name = packageIn(needed);
    const found = npm[name] === undefined ? byName.get(name) : undefined;
    return found === undefined ? needed : needed.slice(0, -name.length) + found;
  };
  const named = (package_: Package, list: "dependencies" | "optionalDependencies") =>
    package_[list] && { [list]: package_[list].map(whole) };
  return Object.fromEntries(
    Object.entries(npm).map(([key, value]) => [key, {
      ...value,
      ...named(value, "dependencies"),
      ...named(value, "optionalDependencies"),
    }]),
  );
}

/** What a dependency leads to: `string-width` of `string-width-cjs@npm:string-width`. */
function packageIn(dependency: string): string {
  return dependency.replace(/^.*@npm:/, "");
}

function dependenciesOf(value: Package | undefined): string[] {
  return [...value?.dependencies ?? [], ...value?.optionalDependencies ?? []];
}
