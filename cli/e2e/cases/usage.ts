import type { CaseGroup } from "./case.ts";

/** The command line itself. */
export const usageCases: CaseGroup = {
  command: "meshctl",
  cases: [
    { line: "", exit: 0, stdout: "Usage: ", stderr: "" },
    { line: "--help", exit: 0, stdout: "Commands:", stderr: "" },
    { line: "-h", exit: 0, stdout: "Commands:", stderr: "" },
    { line: "help", exit: 0, stdout: "Commands:", stderr: "" },
    { line: "help start", exit: 0, stdout: "--registry-only", stderr: "" },
    { line: "start --help", exit: 0, stdout: "--registry-only", stderr: "" },
    { line: "help registry", exit: 0, stdout: "drain", stderr: "" },
    { line: "help nonsense", exit: 2, stdout: "", stderr: "nonsense" },
    { line: "--version", exit: 0, stdout: /^meshctl version v\d+\.\d+\.\d+\S*\n$/, stderr: "" },
    { line: "-v", exit: 0, stdout: "meshctl version v", stderr: "" },
    { line: "lst", exit: 2, stdout: "", stderr: "list" },
    { line: "--nonsense", exit: 2, stdout: "", stderr: "--nonsense" },
    { line: "list --nonsense", exit: 2, stdout: "", stderr: "--nonsense" },
    { line: "list extra", exit: 2, stdout: "", stderr: "extra" },
    { line: "list --timeout", exit: 2, stdout: "", stderr: "--timeout" },
    { line: "list --timeout soon", exit: 2, stdout: "", stderr: "soon" },
  ],
};
