import { equal, match } from "node:assert/strict";
import { fixture, withMesh } from "./meshctl.ts";
import { hasTerminals, openTerminal } from "./terminal_fixture.ts";

Deno.test({
  name: "shell completes, calls, gives up and remembers in a terminal",
  ignore: !hasTerminals(),
  fn: async () => {
    await withMesh(async (mesh) => {
      const started = await mesh.run("start", "-d", fixture("ticker"), fixture("slow"));
      equal(started.code, 0, started.stderr);
      const first = openTerminal(mesh, "shell");
      await first.sees("mesh> ");
      await first.type("ti");
      await first.type("\t");
      await first.sees("ck");
      await first.type(" ti");
      await first.type("\t");
      await first.sees("cks=");
      await first.type("two\r");
      await first.sees("ticks must be integer from 1");
      await first.sees("mesh> ");
      await first.type("go\r");
      match(await first.sees("mesh> "), /true/);
      await first.type("wait\r");
      await first.sees("wait\r");
      await first.type("\x03");
      await first.sees("Given up.");
      await first.sees("mesh> ");
      // Both keys at once: the line is not running yet, and is given up all the same.
      await first.type("wait\r\x03");
      await first.sees("Given up.");
      await first.sees("mesh> ");
      await first.type("exit\r");
      equal(await first.ended, 2);

      const second = openTerminal(mesh, "shell");
      await second.sees("mesh> ");
      await second.type("\x1b[A");
      await second.sees("exit");
      await second.type("\x1b[A");
      await second.sees("wait");
      await second.type("\x15");
      await second.type("\x04");
      equal(await second.ended, 0);
    });
  },
});
