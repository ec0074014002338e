import { deepEqual, equal } from "node:assert/strict";
import { measured } from "../span_fixture.ts";
import { consoleExporter } from "./text_exporters.ts";

const HOSTILE = "evil\u001b[2J\u009b31m\u202e\r\nforged";

for (const pretty of [true, false]) {
  Deno.test(`consoleExporter() lets spans do nothing to the terminal, ${pretty ? "as text" : "as JSON"}`, async () => {
    const { span, agent } = measured({ id: 1 });
    const hostile = {
      span: {
        ...span,
        operation: HOSTILE,
        capability: HOSTILE,
        error: { code: "x", message: HOSTILE },
      },
      agent: { ...agent, name: HOSTILE },
    };
    const lines: string[] = [];
    await consoleExporter(pretty, (line) => lines.push(line)).export([hostile]);
    equal(lines.length, 1);
    // deno-lint-ignore no-control-regex -- these are what is meant
    deepEqual(/[\u0000-\u001f\u007f-\u009f\u202e]/.exec(lines.join("")), null);
    if (!pretty) equal(JSON.parse(lines[0] ?? "").agent.name, HOSTILE);
    else equal(lines[0]?.includes("evil"), true);
  });
}
