import type { CaseGroup } from "./case.ts";

/** What needs no mesh: pages, scripts of shells, new agents. */
export const learnCases: CaseGroup = {
  command: "man, completion, scaffold",
  cases: [
    { line: "man", exit: 0, stdout: "TOPIC", stderr: "man -s" },
    { line: "man health", exit: 0, stdout: "MCP_MESH_HEALTH_INTERVAL", stderr: "" },
    { line: "man nosuch", exit: 3, stdout: "", stderr: 'no topic "nosuch"' },
    { line: "man -s health", exit: 0, stdout: "health: ", stderr: "" },
    { line: "completion bash", exit: 0, stdout: "_meshctl()", stderr: "" },
    { line: "completion zsh", exit: 0, stdout: "compdef", stderr: "" },
    { line: "completion fish", exit: 0, stdout: "complete ", stderr: "" },
    { line: "completion tcsh", exit: 2, stdout: "", stderr: "There is for bash, zsh, fish" },
    { line: "scaffold", exit: 2, stdout: "", stderr: "scaffold tool --name" },
    { line: "scaffold tool", exit: 2, stdout: "", stderr: "needs a name" },
    { line: "scaffold robot", exit: 2, stdout: "", stderr: 'unknown command "robot"' },
    { line: "scaffold tool -n a --dry-run", exit: 0, stdout: "+++ b/a/main.ts", stderr: "" },
    { line: "scaffold api -n a --dry-run", exit: 0, stdout: "gateway({", stderr: "" },
    { line: "scaffold llm-agent -n a --dry-run", exit: 0, stdout: "a.njk", stderr: "" },
    { line: "scaffold llm-provider --vendor claude --dry-run", exit: 0, stdout: "llmProvider(" },
    { line: "scaffold --config gone.yaml", exit: 3, stdout: "", stderr: "gone.yaml" },
    { line: "scaffold --template-dir x -n a", exit: 2, stdout: "", stderr: "--template-dir" },
    { line: "scaffold project --dry-run", exit: 0, stdout: "./.mesh/runtime/mod.ts", stderr: "" },
    { line: "scaffold llm-provider --vendor x", exit: 2, stdout: "", stderr: "is no vendor" },
    {
      line: "scaffold observability --project-name a --dry-run",
      exit: 0,
      stdout: "docker-compose.observability.yml",
      stderr: "",
    },
    { line: "permissions", exit: 0, stdout: "", stderr: "No agent runs on this machine." },
    { line: "trace abc --retries 0", exit: 4, stdout: "", stderr: "does not answer" },
    { line: "top --once", exit: 4, stdout: "", stderr: "does not answer" },
  ],
};
