import { deepEqual, equal, match } from "node:assert/strict";
import { agentLog } from "./log.ts";

Deno.test("agentLog() writes lines for people, with fields as JSON", () => {
  const lines: string[] = [];
  const log = agentLog("info", (line) => lines.push(line));
  log("debug", "not this");
  log("warn", "hello", { tool: "t" });
  log("info", "bare");
  match(
    lines.join("\n"),
    /^\d{4}-\d\d-\d\d [\d:.]{12} WARN {2}hello {"tool":"t"}\n.* INFO {2}bare$/,
  );
});

Deno.test("agentLog() writes JSON, whose own members no field takes", () => {
  const lines: string[] = [];
  const log = agentLog("info", (line) => lines.push(line), { format: "json", agent: "a" });
  log("error", "two\nlines", { tool: "t", trace: "0af7", level: 3 });
  const { time, ...rest } = JSON.parse(lines[0] ?? "");
  match(time, /^\d{4}-.*Z$/);
  const own = { level: "error", agent: "a", message: "two\nlines" };
  deepEqual(rest, { ...own, tool: "t", trace: "0af7", level_: 3 });
  deepEqual(lines.length, 1);
});

Deno.test("agentLog() shows what a terminal would take for commands, and forges no line", () => {
  const lines: string[] = [];
  const hostile = "a\x1b[2J\u202e\r\n2026-01-01 00:00:00.000 ERROR forged";
  agentLog("debug", (line) => lines.push(line))("info", hostile, { field: "\u009b1m" });
  agentLog("debug", (line) => lines.push(line), { format: "json", agent: "a" })("info", hostile);
  const [pretty = "", json = ""] = lines;
  equal(
    pretty.slice("2026-01-01 00:00:00.000 ".length),
    'INFO  a\\x1b[2J\\u{202e}\n  2026-01-01 00:00:00.000 ERROR forged {"field":"\\u009b1m"}',
  );
  equal(JSON.parse(json).message, hostile);
  match(json, /^[\x20-\x7e]*$/);
});
