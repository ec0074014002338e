/**
 * `meshctl __complete`: what the shells' scripts ask while somebody types.
 *
 * @module
 */
import type { Command } from "../app/command.ts";
import { liveWords } from "../completion/live_words.ts";
import { FILES } from "../completion/scripts.ts";
import { type Candidate, wantedAt } from "../completion/wanted.ts";
import type { Context } from "../app/context.ts";
import { EXIT } from "../base/exit.ts";
import { COMMAND_NAMES } from "../app/summaries.ts";

/** `meshctl __complete -- <words>`; its arguments are somebody else's line and are not parsed. */
export const completeCommand: Command = {
  name: "__complete",
  summary: "Print what can stand where the cursor is",
  usage: "-- <words>",
  positionals: { min: 0, max: Infinity },
  options: {},
  examples: [],
  hidden: true,
  execute: async (context, args) => {
    const words = args[0] === "--" ? args.slice(1) : args;
    // Loaded here: the list of commands has this one in it.
    const { loadCommand } = await import("../app/commands.ts");
    const { source, before, given, ...wanted } = await wantedAt(
      words,
      COMMAND_NAMES,
      // What programs type is completed for nobody.
      async (name) => name.startsWith("__") ? undefined : await loadCommand(name),
    );
    if (source === "files") {
      context.stdout.write(`${FILES}\n`);
      return EXIT.ok;
    }
    const live = typeof source === "string" ? await liveWords(source, given, context) : [];
    const all = [...wanted.words, ...live.map((each) => ({ ...each, value: before + each.value }))];
    print(all.filter(({ value }) => value.startsWith(words.at(-1) ?? "")), context);
    return EXIT.ok;
  },
};

function print(candidates: Candidate[], { stdout }: Context): void {
  stdout.lines(
    candidates.filter(({ value }) => PLAIN.test(value)).map(
      ({ value, note }) => `${value}\t${note.split(/[\r\n\t]/, 1)[0] ?? ""}`,
    ),
  );
}

/**
 * Words that a shell takes as they are. It puts others into the line just so, and what an agent
 * elsewhere is called may be a command to it.
 */
const PLAIN = /^[\p{L}\p{M}\p{N}_@%+=:,./-]*$/u;
