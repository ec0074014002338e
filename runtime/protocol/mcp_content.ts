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

/** One message of a prompt (MCP `PromptMessage`). */
export interface PromptMessage {
  readonly role: "user" | "assistant";
  readonly content: ContentBlock;
}

/** One piece of a resource that is ready to send (MCP `ResourceContents`): `text`, or `blob` in base64. */
export type ResourceContents =
  & { readonly uri: string; readonly mimeType?: string }
  & ({ readonly text: string } | { readonly blob: string });
