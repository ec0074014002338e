/**
 * What a whole plan of TripPlanner costs with a vendor that takes no time: all agents as processes,
 * beside the vendor's own requests sent by hand in the same order. Part of `deno task bench`.
 *
 * @module
 */
import { oneByOne } from "../../.ci/bench/load.ts";
import type { Section } from "../../.ci/bench/section.ts";
import { type TripPlanner, withTripPlanner } from "./trip_planner_fixture.ts";

const ROUNDS = 50;
/** Rounds before those that count. */
const WARMUP_ROUNDS = 10;

/** Runs the benchmark; about 20 s. */
export async function benchPlan(): Promise<Section[]> {
  const sections: Section[] = [];
  await withTripPlanner(async (planner) => {
    const byHand = await requestsByHand(planner);
    const plan = async () => void await (await planner.plan()).text();
    await timed(WARMUP_ROUNDS, plan);
    await timed(WARMUP_ROUNDS, byHand);
    sections.push({
      title: "A plan of TripPlanner: six answers of a model, four tools, three specialists",
      rows: [
        { what: "POST /plan", ...oneByOne(await timed(ROUNDS, plan)) },
        { what: "vendor by hand", role: "limit", ...oneByOne(await timed(ROUNDS, byHand)) },
      ],
    });
  });
  return sections;
}

/** One plan's requests: the planner's two after each other, then the specialists' side by side. */
async function requestsByHand({ claude, plan }: TripPlanner): Promise<() => Promise<void>> {
  await (await plan()).text();
  const bodies = claude.requests.map(({ body }) => JSON.stringify(body));
  const [first = "", second = "", ...specialists] = bodies;
  const send = async (body: string) => {
    const response = await fetch(`${claude.url}/chat/completions`, { method: "POST", body });
    await response.text();
  };
  return async () => {
    await send(first);
    await send(second);
    await Promise.all(specialists.map(send));
  };
}

async function timed(rounds: number, work: () => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times;
}
