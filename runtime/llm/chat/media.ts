/**
 * Pictures and files beside a message, as parts of OpenAI's chat completions.
 *
 * @module
 */
import { MeshError } from "../../base/errors.ts";
import type { ContentPart } from "../../define/contract.ts";
import type { Media } from "../../define/llm.ts";
import { cutText } from "../../base/cut_text.ts";

const READABLE = /^(text\/|application\/(json|xml|yaml))/;

/**
 * The part of a message that carries `media`.
 *
 * @throws {MeshError} `bad_input` for a URL that is neither `data:` nor `https:` or `http:`.
 */
export function mediaPart(media: Media): ContentPart {
  if (typeof media === "string") return partOfUrl(media);
  const { data, mimeType, name = "file" } = media;
  if (READABLE.test(mimeType)) {
    return { type: "text", text: `${name}:\n${readable(data)}` };
  }
  const base64 = typeof data === "string" ? data : data.toBase64();
  return partOfData(`data:${mimeType};base64,${base64}`, mimeType, name);
}

function partOfUrl(text: string): ContentPart {
  const { protocol, href } = URL.parse(text) ?? { protocol: "", href: "" };
  switch (protocol) {
    case "data:":
      return partOfData(text, /^data:([^;,]+)/.exec(text)?.[1] ?? "", "file");
    case "http:":
    case "https:":
      return { type: "image_url", image_url: { url: href } };
    default:
      throw new MeshError(
        "bad_input",
        `media ${cutText(text, 100)} cannot be sent: give a data: or https: URL, or its bytes`,
      );
  }
}

function partOfData(url: string, mimeType: string, name: string): ContentPart {
  return mimeType.startsWith("image/")
    ? { type: "image_url", image_url: { url } }
    : { type: "file", file: { filename: name, file_data: url } };
}

function readable(data: Uint8Array | string): string {
  return new TextDecoder().decode(typeof data === "string" ? Uint8Array.fromBase64(data) : data);
}
