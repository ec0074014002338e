/**
 * `meshctl man`: pages to learn from.
 *
 * @module
 */
import { defineCommand } from "../app/command.ts";
import type { Context } from "../app/context.ts";
import { CliError, EXIT, type ExitCode } from "../base/exit.ts";
import { showPaged } from "../man/pager.ts";
import { renderPage } from "../man/render.ts";
import { searchTopics } from "../man/search.ts";
import { findTopic, summaryOf, TOPICS } from "../man/topics.ts";
import { didYouMean } from "../../runtime/base/suggest.ts";
import { renderTable } from "../output/table.ts";
import { SUMMARIES } from "../app/summaries.ts";

/** Width where there is no terminal, and the widest that reads well. */
const WIDTH = 80;
const WIDEST = 100;

/** `meshctl man [topic]`. */
export const manCommand = defineCommand({
  name: "man",
  summary: SUMMARIES.man,
  usage: "[topic]",
  details: "Without a topic it lists what there is. On a terminal pages go through $PAGER.",
  positionals: { min: 0, max: Infinity },
  completes: [TOPICS.map(({ name }) => name), []],
  options: {
    list: { type: "boolean", short: "l", help: "List the topics" },
    search: { type: "boolean", short: "s", help: "Find the topics that have all of these words" },
    typescript: {
      type: "boolean",
      short: "t",
      hidden: true,
      help: "Pages are about TypeScript anyway",
    },
    raw: { type: "boolean", short: "r", help: "Print Markdown as it is" },
  },
  examples: [
    { line: "man", note: "What there is to read" },
    { line: "man quickstart", note: "One page" },
    { line: "man -s model provider", note: "The pages that have both words" },
  ],
  run: async (context, { options, positionals }) => {
    if (options.search) return printHits(positionals, context);
    const [name, ...surplus] = positionals;
    if (options.list || name === undefined) return printTopics(context);
    const topic = findTopic([name, ...surplus].join("-"));
    if (topic === undefined) throw unknownTopic([name, ...surplus].join(" "), context);
    if (options.raw) {
      context.stdout.write(topic.text);
      return EXIT.ok;
    }
    const { columns, palette } = context.stdout;
    const lines = renderPage(topic.text, { width: Math.min(columns ?? WIDTH, WIDEST), palette });
    await showPaged(`${lines.join("\n")}\n`, context);
    return EXIT.ok;
  },
});

function printTopics({ stdout, stderr, program }: Context): ExitCode {
  const rows = TOPICS.map((topic) => [topic.name, summaryOf(topic)]);
  const table = renderTable([{ title: "TOPIC" }, { title: "ABOUT" }], rows, stdout);
  stdout.write(`${table.join("\n")}\n`);
  stderr.write(
    `Read one with \`${program} man <topic>\`, find one with \`${program} man -s <words>\`.\n`,
  );
  return EXIT.ok;
}

function printHits(words: readonly string[], { stdout, program }: Context): ExitCode {
  const hits = searchTopics(words, TOPICS);
  if (words.length === 0 || hits.length === 0) {
    throw new CliError(
      words.length === 0 ? EXIT.usage : EXIT.notFound,
      words.length === 0 ? "man -s needs words" : `no topic has ${words.join(" and ")}`,
      { hint: `List the topics with \`${program} man\`.` },
    );
  }
  for (const { topic, lines } of hits) {
    stdout.write(`${stdout.palette.paint("bold", topic.name)}: ${summaryOf(topic)}\n`);
    stdout.lines(lines.map((line) => `    ${line}`));
  }
  return EXIT.ok;
}

function unknownTopic(name: string, { program }: Context): CliError {
  const known = TOPICS.flatMap((topic) => [topic.name, ...topic.aliases]);
  const hint = didYouMean(name, known) ?? `Find it with \`${program} man -s ${name}\`.`;
  return new CliError(EXIT.notFound, `there is no topic "${name}"`, { hint });
}
