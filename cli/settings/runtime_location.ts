/**
 * Where the runtime is that agents import as `"mesh"`, and how this program is run once more.
 *
 * `meshctl` comes in three forms. In a checkout it is the sources. The launcher is one file that
 * unpacks what it carries into `MCP_MESH_HOME` and runs it from there with the installed `deno`.
 * The compiled program runs by itself and unpacks only for the agents.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the runtime is. */
export interface RuntimeLocation {
  form: "checkout" | "launcher" | "compiled";
  /** Absolute folder with `deno.json`, `import_map.json` and `runtime/mod.ts`. */
  root: string;
  /** Absolute path of the archive that is to be unpacked as `root`; only in a compiled program. */
  archive?: string;
}

/** A program and its first arguments. */
export interface CommandStart {
  command: string;
  args: string[];
}

/** Folder of a compiled program that holds its archive, named `<release>.archive`. */
const ARCHIVES = "carried";

/**
 * Where the runtime of this program is: two folders above this module, or one above its bundle.
 *
 * @param home Absolute `MCP_MESH_HOME`: what is carried is unpacked below it.
 */
export function runtimeLocation(home: string): RuntimeLocation {
  return locate({ url: import.meta.url, standalone: Deno.build.standalone, home });
}

/** {@linkcode runtimeLocation} for a module at `url`. */
export function locate(
  { url, standalone, home }: { url: string; standalone: boolean; home: string },
): RuntimeLocation {
  const folder = dirname(dirname(fileURLToPath(url)));
  if (url.endsWith(".ts")) return { form: "checkout", root: dirname(folder) };
  return standalone ? compiled(folder, home) : { form: "launcher", root: folder };
}

function compiled(root: string, home: string): RuntimeLocation {
  const folder = join(root, ARCHIVES);
  // `node:fs` takes longer to load than the rest of `--version` together.
  const [archive = ""] = Array.from(Deno.readDirSync(folder), ({ name }) => name);
  return {
    form: "compiled",
    root: releaseFolder(home, archive.replace(/\.archive$/, "")),
    archive: join(folder, archive),
  };
}

/** Where a release is unpacked: of each there is one, whoever uses it. */
export function releaseFolder(home: string, release: string): string {
  return join(home, "runtime", release);
}

/**
 * The beginning of a command line that runs `meshctl` with these permissions; a compiled program
 * always has all of its own.
 *
 * @param executable The running program: `deno`, or the compiled one.
 */
export function selfCommand(
  { form, root }: RuntimeLocation,
  executable: string,
  permissions: readonly string[],
): CommandStart {
  if (form === "compiled") return { command: executable, args: [] };
  const config = form === "checkout"
    ? ["--config", `${root}/deno.json`]
    : ["--no-config", "--no-lock", ...UNSTABLE];
  const main = form === "checkout" ? "main.ts" : "main.js";
  return {
    command: executable,
    args: ["run", "--quiet", "--no-prompt", ...config, ...permissions, `${root}/cli/${main}`],
  };
}

/** What `deno.json` switches on, for a program that runs without one. */
export const UNSTABLE: readonly string[] = ["--unstable-kv", "--unstable-no-legacy-abort"];
