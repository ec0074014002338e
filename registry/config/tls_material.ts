/**
 * Certificates and keys of connections to other systems.
 *
 * @module
 */
import { errorText, MeshError } from "../../runtime/base/errors.ts";
import { fileText } from "../../runtime/base/file_text.ts";
import type { TlsFiles } from "./trace_config.ts";

/** Contents of files, PEM; those absent are the system's, or none. */
export interface TlsMaterial {
  /** Certificates that are trusted. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * What files hold.
 *
 * @throws {MeshError} `bad_config` when one cannot be read.
 */
export async function tlsMaterial({ ca, cert, key }: TlsFiles): Promise<TlsMaterial> {
  return { ca: await contents(ca), cert: await contents(cert), key: await contents(key) };
}

/**
 * A `fetch` that uses certificates and keys, if there are any.
 *
 * @returns How to let go of its connections, too.
 */
export function tlsFetch(
  { ca, cert, key }: TlsMaterial,
  fetch: typeof globalThis.fetch,
): { fetch: typeof globalThis.fetch; close: () => void } {
  if (ca === undefined && (cert === undefined || key === undefined)) {
    return { fetch, close: () => {} };
  }
  const client = Deno.createHttpClient({
    ...(ca !== undefined && { caCerts: [ca] }),
    ...(cert !== undefined && key !== undefined && { cert, key }),
  });
  return { fetch: (input, init) => fetch(input, { ...init, client }), close: () => client.close() };
}

async function contents(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return fileText(await Deno.readFile(file));
  } catch (error) {
    throw new MeshError(
      "bad_config",
      `${file} cannot be read: ${errorText(error)}. ` +
        "Correct the variable that names it.",
      { cause: error },
    );
  }
}
