/**
 * Options of the observability stack.
 *
 * @module
 */

/** Options of `observabilityStack()`. */
export interface ObservabilityOptions {
  /** Name of the project: letters, digits and dashes. It names containers and volumes. */
  name: string;
  /**
   * Address of the registry in the project's own network, such as `http://registry:8000`; the stack
   * is part of that network then. @default the registry and its agents run on this machine
   */
  registry?: string | undefined;
}
