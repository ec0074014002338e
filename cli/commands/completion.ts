/**
 * `meshctl completion`: what a shell needs to complete command lines.
 *
 * @module
 */
import { defineCommand } from "../app/command.ts";
import { completionScript, SHELLS } from "../completion/scripts.ts";
import { EXIT, usageError } from "../base/exit.ts";
import { SUMMARIES } from "../app/summaries.ts";

/** `meshctl completion <shell>`. */
export const completionCommand = defineCommand({
  name: "completion",
  summary: SUMMARIES.completion,
  usage: `<${SHELLS.join("|")}>`,
  details:
    "It completes commands and options, and asks the mesh for its agents, tools and traces.\n" +
    "Load it in the shell's start-up file, as in the examples; meshctl must be on the PATH.",
  positionals: { min: 1, max: 1 },
  completes: [SHELLS],
  options: {
    "no-descriptions": { type: "boolean", help: "Candidates alone, without what they are" },
  },
  examples: [
    { line: "completion bash", note: "In ~/.bashrc: source <(meshctl completion bash)" },
    { line: "completion zsh", note: "In ~/.zshrc: source <(meshctl completion zsh)" },
    { line: "completion fish", note: "In config.fish: meshctl completion fish | source" },
  ],
  run: (context, { options, positionals: [name] }) => {
    const shell = SHELLS.find((known) => known === name);
    if (shell === undefined) {
      throw usageError(
        `there is no completion for "${name}"`,
        `There is for ${SHELLS.join(", ")}.`,
      );
    }
    context.stdout.write(completionScript(shell, !options["no-descriptions"]));
    return Promise.resolve(EXIT.ok);
  },
});
