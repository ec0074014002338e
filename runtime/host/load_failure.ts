/**
 * Why the module of an agent cannot be loaded.
 *
 * @module
 */
import { stripVTControlCharacters } from "node:util";
import { errorText, isMeshError, MeshError } from "../errors.ts";

/**
 * What went wrong while loading, where, in one sentence.
 *
 * @param file URL of the module.
 */
export function loadFailure(file: string, error: unknown): MeshError {
  if (isMeshError(error)) {
    const details: LoadDetails = { declared: error.details ?? null };
    return new MeshError(error.code, located(file, error.message, error), {
      cause: error,
      details,
    });
  }
  return new MeshError("bad_definition", located(file, errorText(error), error), { cause: error });
}

/** The details of a failure that the runtime found in a module's definition. */
interface LoadDetails {
  /** The details of the failure itself. */
  readonly declared: unknown;
}

/** Tells whether a module failed to load because of its definition. */
export function isOfDeclaration({ code, details }: MeshError): boolean {
  return code === "bad_definition" && typeof details === "object" && details !== null &&
    "declared" in details;
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
