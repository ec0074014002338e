/**
 * The launcher: one file that a shell, Deno and `deno install` can all run. For the shell it is a
 * script that runs the unpacked release; for Deno, a module that unpacks it first.
 *
 * @module
 */
import { OLDEST_DENO } from "../../cli/binary/deno_version.ts";
import { UNSTABLE } from "../../cli/settings/runtime_location.ts";

/** What the launcher is made of. */
export interface LauncherParts {
  /** Version and hash of what it carries. */
  release: string;
  /** The bundled module that unpacks it. */
  module: string;
  archive: Uint8Array;
}

/** What the program may do; what agents may do is up to them. */
export const PERMISSIONS: readonly string[] = ["net", "env", "read", "write", "run", "sys"]
  .map((kind) => `--allow-${kind}`);

/** How Deno runs it: apart from whatever project the user is in. */
const DENO_RUN = [
  ...["run", "--quiet", "--no-prompt", "--no-config", "--no-lock", "--ext=js"],
  ...UNSTABLE,
];

/** The text of the launcher; all of it is ASCII as long as the module is. */
export function launcherFile({ release, module, archive }: LauncherParts): string {
  // To JavaScript the script is a comment; to the shell, `":"` does nothing.
  return `#!/bin/sh
":" /*
home=\${MCP_MESH_HOME:-\${HOME:-\${USERPROFILE:-}}/.mcp-mesh}
main=$home/runtime/${release}/cli/main.js
[ "$home" != /.mcp-mesh ] && [ -f "$main" ] || main=$0
command -v deno >/dev/null || {
  echo "Error: meshctl needs Deno ${OLDEST_DENO} or newer, and there is no \\\`deno\\\` on PATH" >&2
  echo "Install it: npm install -g deno, or see https://docs.deno.com/runtime/getting_started/installation" >&2
  exit 1
}
exec deno ${[...DENO_RUN, ...PERMISSIONS].join(" ")} "$main" "$@"
*/
${module.trimEnd()}
// ${release} ${archive.toBase64()}
`;
}

/** The same for Windows, where a module has no first line: it stands beside the launcher. */
export function windowsScript(launcher: string): string {
  return `@deno ${[...DENO_RUN, ...PERMISSIONS].join(" ")} "%~dp0${launcher}" %*\r\n`;
}
