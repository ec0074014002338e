/**
 * A trusted process of one code process, for tests that kill it: prints the id of the code process, and
 * the ids that the code writes.
 *
 * @module
 */
import { startCodeProcess } from "../code_process.ts";
import { Reaper } from "../reaper.ts";

const [module = ""] = Deno.args;
const code = startCodeProcess({
  flags: ["--no-prompt", "--no-config", "--allow-run"],
  program: [module],
  env: { PATH: "/usr/bin:/bin" },
  cwd: "/",
  memoryBytes: 512 * 1024 ** 2,
  reaper: new Reaper({ log: (_level, message) => console.error(message) }),
  onLine: (_source, line) => console.error(line),
});
code.channel.once("data", (bytes) => {
  console.log(JSON.stringify({ pid: code.pid, others: JSON.parse(String(bytes)) }));
});
