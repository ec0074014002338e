import { deepEqual } from "node:assert/strict";
import { type LogLine, readLogLine } from "./log_line.ts";

const TIME = Date.UTC(2026, 5, 1, 12, 0, 0, 250);
const ID = "0af7651916cd43dd8448eb211c80319c";

const lines: [line: string, expected: LogLine][] = [
  ["2026-06-01 12:00:00.250 INFO  hello", { time: TIME, level: "INFO", trace: undefined }],
  ["2026-06-01T12:00:00.250Z [WARNING] hello", { time: TIME, level: "WARN", trace: undefined }],
  ["2026-06-01T14:00:00.250+02:00 hello", { time: TIME, level: undefined, trace: undefined }],
  [
    `2026-06-01 12:00:00.250 ERROR no {"tool":"t","trace":"${ID}"}`,
    { time: TIME, level: "ERROR", trace: ID },
  ],
  [
    `{"time":"2026-06-01T12:00:00.250Z","level":"warn","agent":"a","message":"m","trace":"${ID}"}`,
    { time: TIME, level: "WARN", trace: ID },
  ],
  ["    at file:///a.ts:1:1", { time: undefined, level: undefined, trace: undefined }],
  ['{"some": "JSON"}', { time: undefined, level: undefined, trace: undefined }],
  ["{ not JSON", { time: undefined, level: undefined, trace: undefined }],
  ["", { time: undefined, level: undefined, trace: undefined }],
];
for (const [line, expected] of lines) {
  Deno.test(`readLogLine() ${line}`, () => deepEqual(readLogLine(line), expected));
}
