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
    { line: "version", exit: 2, stdout: "", stderr: "`--version` tells it" },
    { line: "job status x", exit: 2, stdout: "", stderr: "keeps no jobs" },
    { line: "start --tls-auto", exit: 2, stdout: "", stderr: "plain HTTP" },
    { line: "stop --all", exit: 2, stdout: "", stderr: "Without names everything is stopped" },
    { line: "completion bash --no-descriptions", exit: 0, stdout: "_meshctl()", stderr: "" },
    { line: "man -t health", exit: 0, stdout: "MCP_MESH_HEALTH_INTERVAL", stderr: "" },
    { line: "list --timeout", exit: 2, stdout: "", stderr: "--timeout" },
    { line: "list --timeout soon", exit: 2, stdout: "", stderr: "soon" },
  ],
};
