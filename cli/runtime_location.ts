/**
 * Where the runtime that `meshctl` carries is: what agents anywhere on the disk import as `"mesh"`.
 *
 * @module
 */
import type { Context } from "./context.ts";

/**
 * Absolute folder on disk that holds `import_map.json`, `deno.json` and `runtime/`.
 */
export function runtimeLocation({ root }: Pick<Context, "root">): string {
  return root;
}
