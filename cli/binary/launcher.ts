/**
 * What Deno runs of `dist/meshctl` while its release is not unpacked: unpacks it, and runs it. The
 * last line of that file is `// <release> <archive in base64>`.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { whenPossible } from "./possible.ts";
import { provideRelease } from "./release.ts";

const folder = whenPossible(() => {
  const text = readFileSync(fileURLToPath(import.meta.url), "latin1").trimEnd();
  const [, release = "", archive = ""] = text.slice(text.lastIndexOf("\n") + 1).split(" ");
  return provideRelease(release, () => Buffer.from(archive, "base64"));
});
await import(pathToFileURL(join(folder, "cli", "main.js")).href);
