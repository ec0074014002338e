import type { CaseGroup } from "./case.ts";

/** A mesh from its start to its end, in this order. */
export const lifeCases: CaseGroup = {
  command: "start and stop",
  inOrder: true,
  cases: [
    { line: "stop", exit: 0, stdout: "Nothing is running under <home>", stderr: "" },
    { line: "stop greeter", exit: 3, stdout: "", stderr: "greeter is not running" },
    { line: "stop --registry --agents", exit: 2, stdout: "", stderr: "--registry" },
    { line: "logs greeter", exit: 3, stdout: "", stderr: "Nothing was started here yet" },
    {
      line: "start --registry-only -d",
      exit: 0,
      stdout: "Registry is running in the background",
      stderr: "Stop: ",
    },
    { line: "list", exit: 0, stdout: "No agents found" },
    { line: "list --json", exit: 0, stdout: '"agents": []', stderr: "" },
    { line: "start -d <fixtures>/dependent.ts", exit: 1, stderr: "oracle" },
    {
      line: "start -d <fixtures>/clock.ts <fixtures>/greeter.ts",
      exit: 0,
      stdout: "Started 2 agents in the background",
      stderr: "Try: ",
    },
    {
      line: "start -d <fixtures>/clock.ts",
      exit: 1,
      stdout: "",
      stderr: "agent already running: clock",
    },
    { line: "stop clokc", exit: 3, stdout: "", stderr: "clock" },
    { line: "stop clo", exit: 0, stdout: "Stopped clock\n", stderr: "" },
    { line: "logs clock", exit: 0, stdout: "registered as clock-" },
    { line: "list --all", exit: 0, stdout: /^clock-\S+ .*(inactive|unhealthy|down)/m },
    { line: "start -d --quiet <fixtures>/clock.ts", exit: 0, stdout: "", stderr: "" },
    { line: "stop --agents --quiet", exit: 0, stdout: "", stderr: "" },
    { line: "list", exit: 0, stdout: "Registry: running" },
    { line: "stop --registry", exit: 0, stdout: "Stopped registry\n", stderr: "" },
    { line: "list", exit: 4, stderr: "<url>" },
    { line: "start -d --pack <fixtures>/clock.ts <fixtures>/greeter.ts", exit: 0 },
    { line: "stop clock", exit: 1, stdout: "", stderr: "shares process" },
    { line: "stop --clean", exit: 0, stdout: "Deleted the database", stderr: "" },
    { line: "logs clock", exit: 3, stdout: "", stderr: "Nothing was started here yet" },
  ],
};
