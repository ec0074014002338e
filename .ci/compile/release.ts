/**
 * All of `meshctl` as one archive.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { type Files, packArchive } from "../../cli/binary/archive.ts";
import { VERSION } from "../../registry/base/version.ts";
import { bundle } from "./bundle.ts";
import { carriedFiles } from "./carried.ts";

/** What is delivered. */
export interface Release {
  /** Version and hash of the files: `0.1.0-3f9a68577fb4`. */
  name: string;
  files: Files;
  archive: Uint8Array<ArrayBuffer>;
}

/** Makes a release of the checkout at `root`. */
export async function makeRelease(root: string): Promise<Release> {
  const [program, carried] = await Promise.all([
    bundle(root, "cli/binary/main.ts"),
    carriedFiles(root),
  ]);
  const encoder = new TextEncoder();
  const modules = [...program]
    .map(([name, text]) => [`cli/${name}`, encoder.encode(text)] as const);
  const files = new Map([...carried, ...modules]);
  const archive = packArchive(files);
  const hash = createHash("sha256").update(archive).digest("hex").slice(0, 12);
  return { name: `${VERSION}-${hash}`, files, archive };
}

/** The bundled module that unpacks a release, in one piece. */
export async function launcherModule(root: string): Promise<string> {
  const modules = await bundle(root, "cli/binary/launcher.ts");
  const [text, ...others] = modules.values();
  if (text === undefined || others.length > 0) {
    throw new Error(`the launcher is ${modules.size} modules, and must be one`);
  }
  return text;
}
