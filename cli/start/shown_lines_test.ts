import { deepEqual, equal, throws } from "node:assert/strict";
import { lineFilter, readShownLines } from "./shown_lines.ts";

const KNOWN = ["registry", "flight-agent", "flight-book", "hotel-agent"];

Deno.test("readShownLines() takes names, beginnings of them and levels as people write them", () => {
  deepEqual(readShownLines(["hot", "registry"], "warning", KNOWN), {
    names: ["hotel-agent", "registry"],
    level: "WARN",
  });
  deepEqual(readShownLines([], undefined, KNOWN), { names: [], level: undefined });
  throws(() => readShownLines(["flight"], undefined, KNOWN), {
    code: 2,
    message: "--only flight fits several: flight-agent, flight-book",
  });
  throws(() => readShownLines(["hotle-agent"], undefined, KNOWN), {
    code: 2,
    hint: /hotel-agent/,
  });
  throws(() => readShownLines([], "loud", KNOWN), { code: 2, message: /--level is "loud"/ });
});

Deno.test("lineFilter() shows lines by whose they are and by level, and what belongs to them", () => {
  const time = "2026-06-01 12:00:00.000";
  const filter = lineFilter({ names: ["a"], level: "WARN" });
  const rows: [string, string, boolean][] = [
    ["a", "before any level", true],
    ["a", `${time} INFO  fine`, false],
    ["a", "    at somewhere", false],
    ["a", `${time} ERROR broken`, true],
    ["a", "    at somewhere", true],
    ["b", `${time} ERROR broken`, false],
    ["a", "2026-06-01T12:00:00Z [WARNING] other programs", true],
    ["a", `${time} DEBUG detail`, false],
  ];
  for (const [name, line, shown] of rows) equal(filter.shows(name, line), shown, line);
});
