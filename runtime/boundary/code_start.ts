/**
 * The first frame that the process of an agent's code gets.
 *
 * @module
 */

/** Its head. */
export interface CodeStart {
  /** URL of the module of the agent. */
  readonly module: string;
}
