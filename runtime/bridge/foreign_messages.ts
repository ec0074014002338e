/**
 * The messages of an MCP server on their way to the SDK, which reads them too strictly in one place and
 * too loosely in another. It drops a message for a member that is `null` where MCP has none, as many
 * servers write. And it reads numbers as JavaScript holds them, which changes the last digits of the
 * 64-bit identifiers of other languages: those go through it as text that nothing else is like, and are
 * numbers as they were written afterwards.
 *
 * @module
 */
import { isPlain } from "../base/json_form.ts";
import { isDeep, stringEnd } from "../base/bounded_json.ts";
import { carried, mayBeInexact } from "../base/exact_json.ts";
import { isJson, type Json, mapEntries } from "../protocol/schema/definitions.ts";
import { sound, soundHandshake } from "./without_nulls.ts";

/** Members of a message that must not be `null`, as far as the SDK looks at them. */
const NULL = /"(?:jsonrpc|id|method|params|result|error|_meta)"\s*:\s*null/;
const HANDSHAKE = /"(?:protocolVersion|supportedVersions)"/;
const NUMBER = /-?\d[\d.eE+-]*/g;

/** The messages of one connection. */
export class ForeignMessages {
  readonly #mark = `mesh/number:${crypto.randomUUID()}:`;
  /** Whether a number has been marked. */
  #hasMarked = false;

  /** Returns the JSON text of a message, or a line of it, for the SDK to read. */
  readable(text: string): string {
    const isMarked = mayBeInexact(text) && !isNotification(text);
    const marked = isMarked ? outsideStrings(text, (part) => this.#marked(part)) : text;
    const hasNull = NULL.test(marked) || (HANDSHAKE.test(marked) && marked.includes("null"));
    return hasNull ? withoutNull(marked) : marked;
  }

  /** Returns a line of an event stream for the SDK to read. */
  readableLine(line: string): string {
    const [, field = "", data = ""] = /^(data: ?)([^]*)$/.exec(line) ?? [];
    return field === "" ? line : field + this.readable(data);
  }

  /** Returns a message as the SDK read it, with its numbers as they were written. */
  restored<M>(message: M): M {
    // What is too deep is refused later.
    if (!this.#hasMarked || !isPlain(message)) return message;
    // It keeps its form.
    return this.#restored(message) as M;
  }

  #marked(text: string): string {
    return text.replaceAll(NUMBER, (written) => {
      if (carried(written) === undefined) return written;
      this.#hasMarked = true;
      return JSON.stringify(this.#mark + written);
    });
  }

  #restored(value: unknown): unknown {
    if (typeof value === "string") {
      return value.startsWith(this.#mark) ? carried(value.slice(this.#mark.length)) : value;
    }
    if (Array.isArray(value)) return value.map((item) => this.#restored(item));
    return isJson(value) ? mapEntries(value, (member) => this.#restored(member)) : value;
  }
}

/** Returns a text with what stands outside of its JSON strings replaced. */
function outsideStrings(text: string, replace: (part: string) => string): string {
  const parts: string[] = [];
  let start = 0;
  while (start < text.length) {
    const quote = text.indexOf('"', start);
    const begin = quote === -1 ? text.length : quote;
    parts.push(replace(text.slice(start, begin)));
    const end = quote === -1 ? -1 : stringEnd(text, quote);
    start = end === -1 ? text.length : end + 1;
    parts.push(text.slice(begin, start));
  }
  return parts.join("");
}

function parsed(text: string): unknown {
  if (isDeep(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a text is something other than an answer; the SDK wants numbers to be such there. */
function isNotification(text: string): boolean {
  if (!text.includes('"method"')) return false;
  const message = parsed(text);
  return isJson(message) && "method" in message;
}

/** A message without the members that are `null`, in itself, in a handshake and for `_meta`. */
function withoutNull(text: string): string {
  const message = parsed(text);
  if (Array.isArray(message)) return JSON.stringify(message.map(soundMessage));
  return isJson(message) ? JSON.stringify(soundMessage(message)) : text;
}

function soundMessage(message: unknown): unknown {
  if (!isJson(message)) return message;
  const { result, params, ...rest } = message;
  const isEmpty = result === null && (message["error"] ?? null) === null;
  return soundHandshake({
    ...sound(rest),
    ...(isJson(result) && { result: withoutNullMeta(result) }),
    ...(isEmpty && { result: {} }),
    ...(isJson(params) && { params: withoutNullMeta(params) }),
  });
}

function withoutNullMeta(object: Json): Json {
  const { _meta: meta, ...rest } = object;
  return meta === null ? rest : object;
}
