import { deepEqual, equal, match, ok } from "node:assert/strict";
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

const itself: Record<string, unknown> = {};
itself["itself"] = itself;
const styles = [undefined, { format: "json", agent: "a" }] as const;
for (const style of styles) {
  const how = style?.format ?? "pretty";

  Deno.test(`agentLog() cuts what is longer than a line takes, ${how}`, () => {
    const lines: string[] = [];
    const log = agentLog("info", (line) => lines.push(line), style);
    log("info", "x".repeat(1_000_000));
    log("info", "short", { field: "x".repeat(1_000_000) });
    equal(lines.length, 2);
    for (const line of lines) {
      ok(line.length < 200_000, `${line.length}`);
      match(line, /… \(\d+ more characters\)/);
    }
    match(lines[1] ?? "", /short/);
    if (style !== undefined) { for (const line of lines) JSON.parse(line); }
  });

  Deno.test(`agentLog() writes a line whose fields cannot be written, ${how}`, () => {
    const lines: string[] = [];
    const log = agentLog("info", (line) => lines.push(line), style);
    for (const fields of [{ itself }, { n: 1n }]) log("warn", "hello", fields);
    equal(lines.length, 2);
    for (const line of lines) match(line, /hello.*unwritable/);
  });

  Deno.test(`agentLog() goes on when a line cannot be written, and says what is lost, ${how}`, () => {
    const lines: string[] = [];
    let isFull = true;
    const log = agentLog("info", (line) => {
      if (isFull) throw new Error("No space left on device");
      lines.push(line);
    }, style);
    log("info", "one");
    log("info", "two");
    isFull = false;
    log("info", "three");
    equal(lines.length, 2);
    match(lines[0] ?? "", /warn.*2 lines before this could not be written: No space left/i);
    match(lines[1] ?? "", /three/);
  });
}
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
