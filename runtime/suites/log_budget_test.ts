/** The log takes a bounded part of what the code of an agent writes, in either isolation. */
import { equal, ok } from "node:assert/strict";
import { LOG_LINES_PER_SECOND } from "../sandbox/log_budget.ts";
import { bareEnvironment } from "./call_fixture.ts";
import { hostTest, isolated } from "./hosts_fixture.ts";

const url = new URL("./testdata/printing_agent.ts", import.meta.url).href;
/** Lines that are written. */
const LINES = 20_000;

for (const [kind, host] of Object.entries(isolated((host) => host))) {
  hostTest(kind)(`${kind}: lines beyond the budget of a log are dropped and reported`, async () => {
    let written = 0;
    let dropped = 0;
    const all = Promise.withResolvers<void>();
    const log = (_level: string, message: string) => {
      if (message === "x") written += 1;
      const [, count] = /^([\d,]+) lines? with [\d,]+ characters dropped: /.exec(message) ?? [];
      dropped += Number((count ?? "0").replaceAll(",", ""));
      if (written + dropped === LINES) all.resolve();
    };
    await using printing = await host({ url, permissions: {}, log });
    await printing.invoke("print", { lines: LINES }, { ...bareEnvironment(), log });
    await all.promise;
    ok(written >= 2 * LOG_LINES_PER_SECOND && written < LINES / 2, `${written} were written`);
    equal(written + dropped, LINES);
  });
}
