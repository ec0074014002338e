/**
 * The details of a failure to load a module, as they cross from the agent's side.
 *
 * @module
 */
import type { MeshError } from "../base/errors.ts";

/** The details of a failure that the runtime found in a module's definition. */
export interface LoadDetails {
  /** The details of the failure itself. */
  readonly declared: unknown;
}

/** Tells whether a module failed to load because of its definition. */
export function isOfDeclaration({ code, details }: MeshError): boolean {
  return code === "bad_definition" && typeof details === "object" && details !== null &&
    "declared" in details;
}
