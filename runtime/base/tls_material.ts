/**
 * Certificates and keys of connections to other systems, in files that variables name.
 *
 * @module
 */
import { errorText, MeshError } from "./errors.ts";
import { fileText } from "./file_text.ts";

/** What files hold, PEM; what is absent is the system's, or none. */
export interface TlsMaterial {
  /** Certificates that the other side is known by. */
  readonly ca?: string;
  /** Certificate that is shown to it. */
  readonly cert?: string;
  /** Key of that certificate. Secret. */
  readonly key?: string;
}

/**
 * Reads the files; `undefined` when there are none.
 *
 * @param files By the variable that names each, such as `REDIS_TLS_CA`; its ending tells what it is.
 * @throws {MeshError} `bad_config` naming the variable, when its file cannot be read.
 */
export function tlsMaterial(
  files: Readonly<Record<`${string}_${"CA" | "CERT" | "KEY"}`, string | undefined>>,
): TlsMaterial | undefined {
  const material = Object.fromEntries(
    Object.entries(files).flatMap(([variable, file]) =>
      file === undefined
        ? []
        : [[variable.slice(variable.lastIndexOf("_") + 1).toLowerCase(), contents(variable, file)]]
    ),
  );
  return Object.keys(material).length === 0 ? undefined : material;
}

function contents(variable: string, file: string): string {
  try {
    return fileText(Deno.readFileSync(file));
  } catch (cause) {
    throw new MeshError(
      "bad_config",
      `${variable}=${file} cannot be read: ${errorText(cause)}; correct or unset it`,
      { cause },
    );
  }
}
