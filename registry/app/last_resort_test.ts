import { deepEqual, equal } from "node:assert/strict";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

processTest(
  "surviveFailures() reports what nobody handles, and lets the process live",
  async () => {
    const module = import.meta.resolve("./last_resort.ts");
    const program = `
    const { surviveFailures } = await import(${JSON.stringify(module)});
    const lines = [];
    const net = surviveFailures((line) => lines.push(line.split("\\n")[0]));
    Promise.reject(new Error("a promise"));
    setTimeout(() => { throw new Error("a timer"); });
    setTimeout(() => {
      console.log(JSON.stringify(lines));
      net[Symbol.dispose]();
      Promise.reject(new Error("no longer"));
    }, 50);`;
    const run = new Deno.Command(Deno.execPath(), { args: ["eval", program], stderr: "piped" });
    const { code, stdout, stderr } = await run.output();
    deepEqual(JSON.parse(new TextDecoder().decode(stdout)), [
      "something failed unexpectedly: Error: a promise",
      "something failed unexpectedly: Error: a timer",
    ]);
    equal(code, 1, "without it the process ends");
    equal(new TextDecoder().decode(stderr).includes("no longer"), true);
  },
);
