/**
 * Reading of spans that agent code has measured.
 *
 * @module
 */
import { shortened } from "../base/cut_text.ts";
import type { CodeSpan } from "../protocol/code_span.ts";
import { ATTRIBUTES_MAX, type AttributeValue, SPAN_KINDS, TEXT_MAX } from "../protocol/trace.ts";
import { spanIdOf } from "../protocol/trace_id.ts";
import { given, type Members } from "./members.ts";
import { isRecord } from "./plain_copy.ts";

/**
 * Returns a span of agent code. Its particulars are read as the registry reads them: a flaw of one does
 * not cost the span.
 */
export function spanOf(span: Members): CodeSpan {
  const kind = SPAN_KINDS.find((each) => each === span["kind"]);
  const llm = isRecord(span["llm"]) ? span["llm"] : undefined;
  return {
    ...given(span, "span_id", spanId),
    ...given(span, "parent_span_id", spanId),
    name: spanName(span, "name") ?? "",
    kind: kind ?? "internal",
    start_us: count(span, "start_us") ?? 0,
    ...given(span, "duration_us", count),
    ...(isRecord(span["error"]) && { error: spanError(span["error"]) }),
    ...given(span, "request_bytes", count),
    ...given(span, "response_bytes", count),
    ...given(span, "chunks", count),
    ...(llm !== undefined && {
      llm: {
        ...given(llm, "model", spanName),
        ...given(llm, "provider", spanName),
        ...given(llm, "input_tokens", count),
        ...given(llm, "output_tokens", count),
      },
    }),
    ...(isRecord(span["attributes"]) && { attributes: attributesOf(span["attributes"]) }),
  };
}

function count(message: Members, member: string): number | undefined {
  const value = message[member];
  const isCount = typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
  return isCount ? value : undefined;
}

function spanId(message: Members, member: string): string | undefined {
  const value = message[member];
  return typeof value === "string" ? spanIdOf(value) : undefined;
}

function spanText(max: number): (message: Members, member: string) => string | undefined {
  return (message, member) => {
    const value = message[member];
    return typeof value === "string" ? shortened(value, max) : undefined;
  };
}

const spanName = spanText(TEXT_MAX.name);
const spanMessage = spanText(TEXT_MAX.errorMessage);

function spanError(error: Members): { readonly code?: string; readonly message: string } {
  return { ...given(error, "code", spanName), message: spanMessage(error, "message") ?? "" };
}

function attributesOf(attributes: Members): Record<string, AttributeValue> {
  const taken: [name: string, value: AttributeValue][] = [];
  for (const [name, value] of Object.entries(attributes)) {
    if (taken.length === ATTRIBUTES_MAX) break;
    const key = shortened(name, TEXT_MAX.attributeKey);
    if (typeof value === "string") {
      taken.push([key, shortened(value, TEXT_MAX.attributeValue)]);
    } else if (typeof value === "boolean") taken.push([key, value]);
    else if (typeof value === "number" && Number.isFinite(value)) taken.push([key, value]);
  }
  return Object.fromEntries(taken);
}
