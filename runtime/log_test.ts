import { deepEqual, match } from "node:assert/strict";
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
