/**
 * Parts of messages that are not plain text: images, files and resources in the forms that OpenAI,
 * Anthropic and MCP write them, turned into what an endpoint takes. What it does not take becomes
 * text that says so, so that the model knows there was something. Pure.
 *
 * @module
 */
import type { ContentPart } from "../../define/contract.ts";
import type { Traits } from "./vendors.ts";
import { asObject, asString } from "../../base/json.ts";
import { cutText } from "../../base/cut_text.ts";

/** Longest text of a file that is put into a message, in characters. */
const TEXT_MAX = 50_000;

/** A part as OpenAI's chat completions take it. */
export type WirePart = Readonly<Record<string, unknown>> & {
  readonly type: "text" | "image_url" | "file";
};

/** Something that was found in a part: where its bytes are, or its text. */
interface Medium {
  readonly mimeType: string;
  /** `data:` or `https:` URL of it. */
  readonly url?: string | undefined;
  readonly text?: string | undefined;
  readonly name?: string | undefined;
}

/** A part, as an endpoint with these traits takes it. */
export function wirePart(part: ContentPart, traits: Traits): WirePart {
  if (part.type === "text") return text(asString(part["text"]) ?? "");
  const medium = mediumOf(part);
  if (medium === undefined) return text(`[${part.type}: not shown to this model]`);
  const { mimeType, url, name } = medium;
  const said = medium.text ?? (url === undefined ? undefined : textOf(mimeType, url));
  if (said !== undefined) return text(name === undefined ? said : `${name}:\n${said}`);
  if (url !== undefined && traits.vision && isImage(mimeType) && isSendable(url)) {
    return { type: "image_url", image_url: { url } };
  }
  if (url !== undefined && traits.files && mimeType === "application/pdf" && isData(url)) {
    return { type: "file", file: { filename: name ?? "file.pdf", file_data: url } };
  }
  return text(placeholder(medium));
}

/** Whether a part is text. */
export function isTextPart(part: WirePart): part is WirePart & { readonly text: string } {
  return part.type === "text";
}

function text(content: string): WirePart {
  return { type: "text", text: content };
}

function mediumOf(part: ContentPart): Medium | undefined {
  switch (part.type) {
    case "image_url": {
      const url = asString(part["image_url"]) ?? asString(asObject(part["image_url"])["url"]);
      return url === undefined ? undefined : { mimeType: mimeTypeOf(url) ?? "image/*", url };
    }
    case "image":
    case "audio":
    case "document":
      return sourced(part);
    case "file": {
      const { file_data, filename } = asObject(part["file"]);
      const url = asString(file_data);
      const name = asString(filename);
      return url === undefined ? undefined : { mimeType: mimeTypeOf(url) ?? "", url, name };
    }
    case "input_audio":
      return { mimeType: `audio/${asString(asObject(part["input_audio"])["format"]) ?? "*"}` };
    case "resource":
      return resource(asObject(part["resource"]));
    case "resource_link":
      return {
        mimeType: asString(part["mimeType"]) ?? "",
        url: asString(part["uri"]),
        name: asString(part["name"]),
      };
    default:
      return undefined;
  }
}

/** Blocks of MCP (`data`, `mimeType`) and of Anthropic (`source`). */
function sourced(part: ContentPart): Medium | undefined {
  const { media_type, data = part["data"], url } = asObject(part["source"]);
  const bytes = asString(data);
  const mimeType = asString(media_type) ?? asString(part["mimeType"]) ??
    (part.type === "image" ? "image/*" : "");
  if (bytes !== undefined) return { mimeType, url: `data:${mimeType};base64,${bytes}` };
  const address = asString(url);
  return address === undefined ? undefined : { mimeType, url: address };
}

function resource({ uri, mimeType, text, blob }: Record<string, unknown>): Medium {
  const type = asString(mimeType) ?? "";
  const bytes = asString(blob);
  return {
    mimeType: type,
    name: asString(uri),
    text: typeof text === "string" ? cutText(text, TEXT_MAX) : undefined,
    ...(bytes === undefined ? {} : { url: `data:${type};base64,${bytes}` }),
  };
}

function isData(url: string): boolean {
  return url.startsWith("data:");
}

/** Whether a vendor can get at what is under a URL. */
function isSendable(url: string): boolean {
  return isData(url) || /^https?:/i.test(url);
}

function isImage(mimeType: string): boolean {
  return mimeType.startsWith("image/");
}

function mimeTypeOf(url: string): string | undefined {
  return url.match(/^data:([^;,]+)/)?.[1];
}

/** The text in a `data:` URL, if it is text. */
function textOf(mimeType: string, url: string): string | undefined {
  if (!isData(url)) return undefined;
  if (!/^text\/|[/+](json|xml|yaml|x-yaml|javascript|csv)$/.test(mimeType)) return undefined;
  const [, isBase64, body = ""] = url.match(/^data:[^,]*?(;base64)?,(.*)$/s) ?? [];
  try {
    const decoded = isBase64
      ? new TextDecoder().decode(Uint8Array.fromBase64(body))
      : decodeURIComponent(body);
    return cutText(decoded, TEXT_MAX);
  } catch {
    return undefined;
  }
}

function placeholder({ mimeType, url = "", name }: Medium): string {
  const what = mimeType === "" ? "file" : mimeType;
  const which = name === undefined ? "" : ` "${name}"`;
  const where = url === "" || isData(url) ? "" : ` at ${url}`;
  return `[${what}${which}${where}: not shown to this model]`;
}
