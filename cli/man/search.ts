/**
 * Finding pages by words.
 *
 * @module
 */
import { summaryOf, type Topic } from "./topics.ts";

/** A page with some of its lines that have the words. */
export interface Hit {
  topic: Topic;
  lines: string[];
}

/** Lines shown of a page. */
const LINES = 3;

/**
 * The pages that have all words, those first that have them in their name or heading, then those that
 * have them most often.
 *
 * @param words Matched in any case, also inside other words.
 */
export function searchTopics(words: readonly string[], topics: readonly Topic[]): Hit[] {
  const wanted = words.map((word) => word.toLowerCase()).filter((word) => word !== "");
  const scored = topics.flatMap((topic) => {
    const head = [topic.name, ...topic.aliases, summaryOf(topic)].join(" ").toLowerCase();
    const text = topic.text.toLowerCase();
    if (!wanted.every((word) => text.includes(word) || head.includes(word))) return [];
    const often = wanted.reduce((sum, word) => sum + text.split(word).length - 1, 0);
    const inHead = wanted.filter((word) => head.includes(word)).length;
    return [{ topic, score: inHead * 1_000 + often }];
  });
  const ordered = scored.toSorted((a, b) =>
    b.score - a.score || (a.topic.name < b.topic.name ? -1 : 1)
  );
  return ordered.map(({ topic }) => ({
    topic,
    lines: topic.text.split("\n").slice(1)
      .filter((line) => wanted.some((word) => line.toLowerCase().includes(word)))
      .slice(0, LINES).map((line) => line.trim()),
  }));
}
