import type { CaseGroup } from "./case.ts";

const SHEBANG = "#!/usr/bin/env -S deno run\n";
const BODY = 'import { agent } from "mesh";\nexport default agent({ name: "NAME", tools: {} });\n';
const agent = (name: string) => SHEBANG + BODY.replace("NAME", name);

/** What `start` refuses before it starts anything. */
export const startCases: CaseGroup = {
  command: "start",
  files: {
    "one/first.ts": agent("twin"),
    "two/second.ts": agent("twin"),
    "lost.ts": agent("lost").replace('"mesh";', '"mesh";\nimport "./gone.ts";'),
    "bare.ts": agent("bare").replace('"mesh";', '"mesh";\nimport "left-pad-of-nobody";'),
    "odd.ts": agent("odd").replace("tools: {}", "tolls: {} as never"),
    "deny.ts": agent("deny").replace("run\n", "run --deny-net\n"),
    "registry.ts": agent("registry"),
    "bad.env": "A=1\nnonsense\n",
    "empty/README.md": "No agent here.\n",
    "notes.txt": "No agent either.\n",
    "good.ts": agent("good"),
  },
  cases: [
    { line: "start nope.ts", exit: 3, stdout: "", stderr: "path does not exist: nope.ts" },
    { line: "start empty", exit: 3, stdout: "", stderr: "no entry point found" },
    { line: "start notes.txt", exit: 2, stdout: "", stderr: "unsupported file type: notes.txt" },
    { line: "start one two", exit: 2, stdout: "", stderr: 'two agents are named "twin"' },
    { line: "start deny.ts", exit: 2, stdout: "", stderr: "--deny-net" },
    { line: "start registry.ts", exit: 2, stdout: "", stderr: "the registry's own name" },
    { line: "start lost.ts", exit: 1, stdout: "", stderr: 'lost.ts:3:8 imports "./gone.ts"' },
    {
      line: "start bare.ts",
      exit: 1,
      stdout: "",
      stderr: `Fix: perl -pi -e 's#(["\\x27])left-pad-of-nobody`,
    },
    { line: "start --env-file gone.env good.ts", exit: 3, stdout: "", stderr: "gone.env" },
    { line: "start --env-file bad.env good.ts", exit: 2, stdout: "", stderr: "bad.env" },
    { line: "start --env NONSENSE good.ts", exit: 2, stdout: "", stderr: "NONSENSE" },
    { line: "start --working-dir gone good.ts", exit: 3, stdout: "", stderr: "gone is no folder" },
    { line: "start --log-level LOUD good.ts", exit: 2, stdout: "", stderr: "LOUD" },
    { line: "start --agent-name Bad! good.ts", exit: 2, stdout: "", stderr: "no agent name" },
    { line: "start --agent-name a one two", exit: 2, stdout: "", stderr: "names one agent" },
    { line: "start --registry-only good.ts", exit: 2, stdout: "", stderr: "--registry-only" },
    { line: "start --registry-only --connect-only", exit: 2, stdout: "", stderr: "exclude" },
    { line: "start --connect-only", exit: 2, stdout: "", stderr: "needs an agent" },
    { line: "start --check --no-check good.ts", exit: 2, stdout: "", stderr: "exclude each other" },
    { line: "start --restart always good.ts", exit: 2, stdout: "", stderr: "on-failure" },
    { line: "start -d --only good good.ts", exit: 2, stdout: "", stderr: "--only" },
    { line: "start -d --level warn good.ts", exit: 2, stdout: "", stderr: "--level" },
    { line: "start --only nobody good.ts", exit: 2, stdout: "", stderr: "nobody" },
    { line: "start --level LOUD good.ts", exit: 2, stdout: "", stderr: "LOUD" },
    { line: "start --mcp nonsense", exit: 2, stdout: "", stderr: "--mcp begins with no NAME=" },
    { line: "doctor lost.ts", exit: 1, stdout: 'lost.ts:3:8 imports "./gone.ts"', stderr: "" },
    {
      line: "doctor odd.ts",
      exit: 1,
      stdout: 'odd.ts:3:16: agent "odd": "tolls" is not',
      stderr: "",
    },
    { line: "doctor nope.ts", exit: 3, stdout: "", stderr: "nope.ts" },
  ],
};
