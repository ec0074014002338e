import type { CaseGroup } from "./case.ts";

/** Every command that asks a registry, without one. */
export const noRegistryCases: CaseGroup = {
  command: "no registry",
  cases: [
    { line: "list", exit: 4, stderr: "<url>" },
    { line: "list --json", exit: 4, stdout: '"agents": []', stderr: "<url>" },
    { line: "list --tools", exit: 4, stdout: "not running", stderr: "<url>" },
    { line: "status", exit: 4, stdout: "", stderr: "<url>" },
    { line: "call greet", exit: 4, stdout: "", stderr: "<url>" },
    { line: "trace --last", exit: 4, stdout: "", stderr: "<url>" },
    { line: "why greeter", exit: 4, stdout: "", stderr: "<url>" },
    { line: "audit greeter", exit: 4, stdout: "", stderr: "<url>" },
    { line: "events", exit: 4, stdout: "", stderr: "<url>" },
    { line: "schema diff aa bb", exit: 4, stdout: "", stderr: "<url>" },
    { line: "registry status", exit: 4, stdout: "", stderr: "<url>" },
    { line: "registry drain", exit: 4, stdout: "", stderr: "<url>" },
    { line: "registry resume", exit: 4, stdout: "", stderr: "<url>" },
    { line: "mcp", exit: 4, stdout: "", stderr: "<url>" },
    { line: "doctor", exit: 1, stdout: "no registry answers at <url>", stderr: "" },
    { line: "start --connect-only <fixtures>/clock.ts", exit: 4, stdout: "", stderr: "<url>" },
    { line: "list --registry-url nonsense", exit: 2, stdout: "", stderr: "nonsense" },
    { line: "list --registry-port 99999", exit: 2, stdout: "", stderr: "99999" },
    { line: "list --registry-url http://127.0.0.1:1", exit: 4, stderr: "http://127.0.0.1:1" },
  ],
};
