#!/usr/bin/env -S deno run
/** The agent that does its worst to the process that it is called through. */
import { agent, tool } from "mesh";
import { z } from "zod";

/** Time to send what waits, milliseconds. */
const PAUSE_MS = 1;
/** Lines, or messages, between two pauses. */
const AT_ONCE = 10_000;

const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
const forEver = (work: (round: number) => void) => async () => {
  for (let round = 0;; round++) {
    work(round);
    if (round % AT_ONCE === 0) await pause();
  }
};

export default agent({
  name: "rogue",
  tools: {
    flood_messages: tool(
      { description: "Reports progress without end" },
      (_, { progress }) => forEver((round) => progress(round))(),
    ),
    flood_log: tool(
      { description: "Writes log lines without end" },
      (_, { log }) => forEver((round) => log.info(`line ${round}`, { round }))(),
    ),
    flood_output: tool({ description: "Writes to standard output without end" }, () => {
      const lines = new TextEncoder().encode("a line of text that says nothing\n".repeat(1_000));
      return forEver((round) => round % 100 === 0 && Deno.stdout.writeSync(lines))();
    }),
    answer: tool(
      { description: "Answers so many characters", input: z.object({ length: z.int() }) },
      ({ length }) => "x".repeat(length),
    ),
  },
});
