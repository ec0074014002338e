import { equal } from "node:assert/strict";
import { UNSTABLE } from "../../cli/settings/runtime_location.ts";
import { launcherFile, windowsScript } from "./launcher_file.ts";

Deno.test("the launcher switches on what the program needs of Deno, such as KV for doctor", () => {
  const unix = launcherFile({ release: "0-0", module: "", archive: new Uint8Array() });
  const windows = windowsScript("meshctl.js");
  for (const flag of UNSTABLE) {
    for (const text of [unix, windows]) equal(/deno run .*/.exec(text)?.[0].includes(flag), true);
  }
});
