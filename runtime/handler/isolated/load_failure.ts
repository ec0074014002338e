/**
 * Why the module of an agent cannot be loaded.
 *
 * @module
 */
import { stripVTControlCharacters } from "node:util";
import { errorText, isMeshError, MeshError } from "../../base/errors.ts";
import { unlockedPackage } from "../unlocked_package.ts";

/**
 * Returns the failure to load a module: what went wrong and where, in one sentence.
 *
 * @param file URL of the module.
 */
export function loadFailure(file: string, error: unknown): MeshError {
  if (isMeshError(error)) {
    return new MeshError(error.code, located(file, error.message, error), {
      cause: error,
      details: { declared: error.details ?? null },
    });
  }
  const text = unlockedPackage(error) ?? strayImport(error) ?? errorText(error);
  return new MeshError("bad_definition", located(file, text, error), { cause: error });
}

/** Returns the text for an import that Deno refuses as it would reading the file. */
function strayImport(error: unknown): string | undefined {
  if (!(error instanceof TypeError)) return undefined;
  const [refusal, path] = /^Requires read access to "((?:[^"\\]|\\.)*)".*/.exec(error.message) ??
    [];
  if (refusal === undefined) return undefined;
  const text =
    `an import leads to ${path}, outside of the agent's project; put it in there, or let ` +
    `the code read it: --allow-read=${path}`;
  return error.message.replace(refusal, text);
}

function located(file: string, text: string, error: unknown): string {
  // On a terminal Deno colours the places it names.
  const [reason = text, ...rest] = stripVTControlCharacters(text).split("\n");
  const place = placeOf(rest.join("\n")) ??
    placeOf(error instanceof Error ? error.stack ?? "" : "", file);
  const where = place ?? fromFileUrl(file);
  return reason.startsWith(file)
    ? reason.replace(file, fromFileUrl(file))
    : `${where}: ${reason.replaceAll("file://", "")}`;
}

/** The first `path:line:column` in a stack or a message; of `file` itself when it is given. */
function placeOf(text: string, file?: string): string | undefined {
  for (const [, url, place] of text.matchAll(/(file:\/\/[^\s()]*?)(:\d+:\d+)/g)) {
    if (url !== undefined && (file === undefined || url === file)) {
      return fromFileUrl(url) + place;
    }
  }
  return undefined;
}

function fromFileUrl(url: string): string {
  return url.startsWith("file://") ? decodeURIComponent(new URL(url).pathname) : url;
}
