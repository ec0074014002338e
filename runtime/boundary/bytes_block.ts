/**
 * Bytes as MCP content: a picture or a sound where their type says so, else an embedded resource.
 *
 * @module
 */
import { after, type Bytes, bytesOf } from "../base/json_form.ts";
import type { ContentBlock } from "../protocol/mcp_content.ts";

/** What bytes are called that are no resource of their agent: MCP wants a URI of each. */
const URI = "mesh:bytes";
const UNKNOWN_TYPE = "application/octet-stream";

/**
 * The block that carries bytes. Only a Blob knows its type.
 *
 * @returns A promise for a Blob, which has to be read.
 */
export function bytesBlock(bytes: Bytes): ContentBlock | Promise<ContentBlock> {
  const mimeType = bytes instanceof Blob && bytes.type !== "" ? bytes.type : UNKNOWN_TYPE;
  return after(bytesOf(bytes), (read): ContentBlock => {
    const data = read.toBase64();
    const [kind] = mimeType.split("/", 1);
    if (kind === "image" || kind === "audio") return { type: kind, data, mimeType };
    const name = bytes instanceof File ? `/${encodeURIComponent(bytes.name)}` : "";
    return { type: "resource", resource: { uri: URI + name, mimeType, blob: data } };
  });
}
