import type { CaseGroup } from "./case.ts";

/** `call` against tools that answer, fail and take too long. */
export const callCases: CaseGroup = {
  command: "call",
  agents: ["clock", "greeter", "slow"],
  files: { "ada.json": '{"name":"Ada"}' },
  cases: [
    { line: "call day_time", exit: 0, stdout: '"text": "evening"', stderr: "" },
    { line: `call greet '{"name":"Ada"}'`, exit: 0, stdout: "good evening, Ada", stderr: "" },
    { line: "call greet name=Ada", exit: 0, stdout: "good evening, Ada", stderr: "" },
    { line: "call greet name=Ada -o value", exit: 0, stdout: "good evening, Ada\n", stderr: "" },
    { line: "call greeter:greet name=Ada", exit: 0, stdout: "good evening, Ada", stderr: "" },
    { line: "call gre:greet name=Ada", exit: 0, stdout: "good evening, Ada", stderr: "" },
    { line: "call greet --file ada.json", exit: 0, stdout: "good evening, Ada", stderr: "" },
    { line: "call greet --file gone.json", exit: 3, stdout: "", stderr: "gone.json" },
    { line: "call greet name=Ada --raw", exit: 0, stdout: /^[^\n]+\n$/, stderr: "" },
    { line: "call greet", exit: 2, stdout: "", stderr: "name" },
    { line: "call greet name:=5", exit: 2, stdout: "", stderr: "name" },
    { line: `call greet '{"name":5}' --check=false`, exit: 5, stdout: '"isError": true' },
    { line: "call greet '{nonsense'", exit: 2, stdout: "" },
    { line: "call greeter greet", exit: 2, stdout: "", stderr: "AGENT:greet" },
    { line: "call gret", exit: 3, stdout: "", stderr: "greet" },
    { line: "call nobody:greet", exit: 3, stdout: "", stderr: "nobody" },
    { line: "call greeter:nothing", exit: 3, stdout: "", stderr: "nothing" },
    { line: "call", exit: 2, stdout: "", stderr: "tool" },
    { line: "call wait --timeout 0.4", exit: 6, stdout: "", stderr: "no result within 0.4 s" },
    {
      line: "call day_time --repeat 3 --parallel 2",
      exit: 0,
      stdout: "3, 2 at a time: all succeeded",
    },
    { line: "call day_time --trace", exit: 0, stdout: "evening", stderr: "Trace ID: " },
    { line: "call day_time --use-proxy=false", exit: 0, stdout: "evening", stderr: "" },
    {
      line: "call day_time --agent-url http://127.0.0.1:1",
      exit: 1,
      stdout: "",
      stderr: "cannot be reached; nothing ran",
    },
    { line: "call day_time -o nonsense", exit: 2, stdout: "", stderr: "nonsense" },
  ],
};
