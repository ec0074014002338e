/**
 * Log lines of an MCP server, in the agent's log.
 *
 * @module
 */
import type { Client } from "@modelcontextprotocol/client";
import type { Logger } from "../handler_context.ts";

/** Levels of MCP log lines as ours. */
const LEVELS = {
  debug: "debug",
  info: "info",
  notice: "info",
  warning: "warn",
  error: "error",
  critical: "error",
  alert: "error",
  emergency: "error",
} as const;

/** Writes down what the server sends to be logged (MCP logging, of the 2025 era). */
export function followLog(client: Client, log: Logger): void {
  client.setNotificationHandler("notifications/message", ({ params: { level, data } }) => {
    log[LEVELS[level]](`server: ${typeof data === "string" ? data : JSON.stringify(data)}`);
  });
}
