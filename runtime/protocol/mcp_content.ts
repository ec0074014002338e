/**
 * Content of results as MCP writes it, as far as the mesh deals with it.
 *
 * @module
 */

/** One block of MCP content. */
export interface ContentBlock {
  readonly type: string;
  readonly text?: string;
  readonly [key: string]: unknown;
}

/** The part of MCP's `CallToolResult` the mesh deals with. */
export interface CallToolResult {
  content?: ContentBlock[];
  structuredContent?: Record<string, unknown>;
  isError?: boolean;
  _meta?: Record<string, unknown>;
  [key: string]: unknown;
}
