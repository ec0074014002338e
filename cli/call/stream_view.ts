/**
 * Shows what a tool says while it runs: chunks of its value on standard output, progress on
 * standard error.
 *
 * @module
 */
import { asObject } from "../../runtime/base/json.ts";
import { CHUNK_META, PROGRESS_META } from "../../runtime/mcp/client.ts";
import type { Context } from "../app/context.ts";
import { jsonLine, jsonOf } from "../output/json.ts";
import type { Notification } from "../mesh/mcp_request.ts";
import { type CallForm, writeText } from "./answer_view.ts";

/** Something a tool said on the way. */
export type StreamEvent =
  | { event: "chunk"; value: unknown }
  | { event: "progress"; progress: number; total: number | null; message: string | null }
  | { event: "log"; level: string; message: string };

/**
 * Reads a notification. Chunks and reports of progress come under the same name
 * (registry-protocol §7.1): our agents mark which is which, and a text without a total is a chunk
 * of those who do not.
 *
 * @param token Progress token of the call.
 */
export function streamEvent(
  { method, params }: Notification,
  token: string,
): StreamEvent | undefined {
  if (method === "notifications/message") {
    const { level, data } = params;
    const message = typeof data === "string" ? data : JSON.stringify(data) ?? "";
    return { event: "log", level: typeof level === "string" ? level : "info", message };
  }
  if (method !== "notifications/progress" || params["progressToken"] !== token) return undefined;
  const meta = asObject(params["_meta"]);
  if (Object.hasOwn(meta, CHUNK_META)) return { event: "chunk", value: meta[CHUNK_META] };
  const { progress, total, message } = params;
  const isReport = meta[PROGRESS_META] === true || typeof total === "number";
  if (!isReport && typeof message === "string") return { event: "chunk", value: message };
  return {
    event: "progress",
    progress: Number(progress ?? 0),
    total: typeof total === "number" ? total : null,
    message: typeof message === "string" ? message : null,
  };
}

/** The view of one stream. */
export interface StreamView {
  /** Shows what a notification says. */
  show(notification: Notification): void;
  /** Ends a line that is under way. */
  end(): void;
  /** Whether a chunk has been shown. */
  readonly hasChunks: boolean;
}

/** A view of the stream of the call that has `token`. */
export function createStreamView(
  { stdout, stderr }: Pick<Context, "stdout" | "stderr">,
  token: string,
  form: CallForm,
): StreamView {
  let hasChunks = false;
  let isOpen = false;
  const endLine = () => {
    if (isOpen) stdout.write("\n");
    isOpen = false;
  };
  const showValue = (value: unknown) => {
    if (typeof value === "string") {
      writeText(stdout, value);
      if (value !== "") isOpen = !value.endsWith("\n");
      return;
    }
    endLine();
    stdout.write(jsonOf(value));
  };
  return {
    get hasChunks() {
      return hasChunks;
    },
    show: (notification) => {
      const event = streamEvent(notification, token);
      if (event === undefined) return;
      if (event.event === "chunk") hasChunks = true;
      if (form === "json") stdout.write(jsonLine(event));
      else if (form === "envelope") stdout.write(jsonOf(notification));
      else if (event.event === "chunk") showValue(event.value);
      else {
        endLine();
        stderr.lines([stderr.palette.paint("dim", talk(event))]);
      }
    },
    end: endLine,
  };
}

function talk(event: Exclude<StreamEvent, { event: "chunk" }>): string {
  if (event.event === "log") return `${event.level}: ${event.message}`;
  const { progress, total, message } = event;
  return [total === null ? String(progress) : `${progress}/${total}`, message ?? ""]
    .join(" ").trimEnd();
}
