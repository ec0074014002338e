/**
 * `meshctl scaffold add`: new parts of agents that exist.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { defineCommand } from "../../app/command.ts";
import type { OptionTable } from "../../app/option.ts";
import { defineCommandGroup } from "../../app/command_group.ts";
import type { Context } from "../../app/context.ts";
import { EXIT, type ExitCode, usageError } from "../../base/exit.ts";
import { checkedToolName, dependencyKey } from "../../scaffold/agent_plan.ts";
import { addDependency } from "../../scaffold/edit/add_dependency.ts";
import { addTool } from "../../scaffold/edit/add_tool.ts";
import { inItsForm } from "../../scaffold/edit/text_form.ts";
import { patchText, shown, writeChanges } from "../../scaffold/file_changes.ts";
import { entryPoints } from "../../start/entry_point.ts";
import { tagList } from "./options.ts";

const DRY_RUN = {
  "dry-run": { type: "boolean", help: "Print the change as a patch, and write nothing" },
} as const satisfies OptionTable;

const addToolCommand = defineCommand({
  name: "scaffold add tool",
  summary: "Add a tool to an agent",
  usage: "<agent's file or folder> <tool>",
  positionals: { min: 2, max: 2 },
  completes: ["files", []],
  options: {
    description: { type: "string", value: "TEXT", help: "What it does" },
    tags: { type: "list", value: "TAG[,TAG]", help: "What consumers select it by" },
    ...DRY_RUN,
  },
  examples: [{ line: "scaffold add tool flight-agent book_flight", note: "A tool to fill in" }],
  run: async (context, { options, positionals: [path = "", name = ""] }) =>
    await edit(path, context, options["dry-run"], (source, file) =>
      addTool(source, file, {
        name: checkedToolName(name),
        description: options.description ?? "Greet somebody by name",
        tags: options.tags.length === 0 ? ["tools"] : tagList(options.tags),
      })),
});

const addDependencyCommand = defineCommand({
  name: "scaffold add dependency",
  summary: "Add a dependency to a tool of an agent",
  usage: "<agent's file or folder> <capability>",
  details: "The handler gets it as a function, in its second parameter.",
  positionals: { min: 2, max: 2 },
  completes: ["files", []],
  options: {
    tool: { type: "string", value: "TOOL", help: "Which tool needs it; the only one by default" },
    as: { type: "string", value: "KEY", help: "What the handler gets it as" },
    required: { type: "boolean", help: "Calls fail while nobody offers it" },
    ...DRY_RUN,
  },
  examples: [
    {
      line: "scaffold add dependency flight-agent user_preferences --as userPrefs",
      note: "Its only tool gets userPrefs",
    },
  ],
  run: async (context, { options, positionals: [path = "", capability = ""] }) => {
    const key = options.as ?? dependencyKey(capability);
    if (!/^[A-Za-z_$][\w$]*$/.test(key)) {
      throw usageError(`"${key}" is no name of a variable`, "Give one with --as.");
    }
    const { tool, required } = options;
    return await edit(
      path,
      context,
      options["dry-run"],
      (source, file) => addDependency(source, file, { capability, key, required, tool }),
    );
  },
});

/** `meshctl scaffold add <tool|dependency>`. */
export const addCommand = defineCommandGroup({
  name: "scaffold add",
  summary: "Add a tool or a dependency to an agent that exists",
  details:
    "The module is read as a syntax tree and only what is new is put in: comments and layout\n" +
    "stay. What is there already is left alone; what is not understood is refused.",
  commands: [addToolCommand, addDependencyCommand],
});

async function edit(
  path: string,
  context: Context,
  dryRun: boolean,
  change: (source: string, file: string) => string,
): Promise<ExitCode> {
  const { cwd, stdout, stderr } = context;
  const files = await entryPoints([path], cwd);
  const [file = ""] = files;
  if (files.length > 1) {
    throw usageError(
      `${path} has several agents: ${files.map((each) => shown(each, cwd)).join(", ")}`,
      "Name one of these files.",
    );
  }
  const before = await readFile(file, "utf8");
  const after = inItsForm(before, (text) => change(text, shown(file, cwd)));
  if (after === before) {
    stderr.write(`${shown(file, cwd)} has it already\n`);
    return EXIT.ok;
  }
  const changes = [{ file, before, after, executable: false }];
  if (dryRun) stdout.write(patchText(changes, cwd));
  else {
    await writeChanges(changes);
    stdout.write(`${shown(file, cwd)}\n`);
  }
  return EXIT.ok;
}
