import assert from "node:assert/strict";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

processTest("reportUncaught() reports what nobody catches, and the process goes on", async () => {
  const url = new URL("./last_net.ts", import.meta.url).href;
  const program = `
    import { reportUncaught } from ${JSON.stringify(url)};
    const seen = [];
    reportUncaught((message) => {
      seen.push(message.split("\\n")[0]);
      if (seen.length === 4) console.log(JSON.stringify(seen));
    });
    setTimeout(() => { throw new TypeError("in a timer"); });
    setImmediate(() => { throw new RangeError("in an immediate"); });
    Promise.reject(new Error("of nobody"));
    Promise.reject(null);`;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", program],
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  const seen: string[] = JSON.parse(new TextDecoder().decode(stdout));
  assert.deepEqual(
    seen.map((message) => message.replace("an error that nobody caught: ", "")).sort(),
    ["Error: of nobody", "RangeError: in an immediate", "TypeError: in a timer", "null"],
  );
});
