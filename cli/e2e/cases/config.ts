import type { CaseGroup } from "./case.ts";

/** Settings. */
export const configCases: CaseGroup = {
  command: "config",
  cases: [
    { line: "config", exit: 0, stdout: "show", stderr: "" },
    { line: "config show", exit: 0, stdout: 'state_dir: "<home>"', stderr: "" },
    { line: "config show --format json", exit: 0, stdout: '"registry_port": <port>', stderr: "" },
    { line: "config show --format xml", exit: 2, stdout: "", stderr: "xml" },
    { line: "config path", exit: 0, stdout: "<home>/deno.json", stderr: "It names no registry" },
    { line: "config nonsense", exit: 2, stdout: "", stderr: "nonsense" },
  ],
};
