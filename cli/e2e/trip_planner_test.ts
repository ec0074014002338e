/** TripPlanner whole: real processes, a real registry, scripted vendors. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { chunksOf, PLAN, tripPlannerFile, withTripPlanner } from "./trip_planner_fixture.ts";

/** Until a change has reached everybody, milliseconds. */
const SETTLES_WITHIN_MS = 15_000;
const TOOLS = ["flight_search", "hotel_search", "get_weather", "search_pois"];

Deno.test("TripPlanner with two vendors", async (t) => {
  await withTripPlanner(async (planner) => {
    const { mesh, claude, openai, plan } = planner;

    await t.step("a plan is the model's, with its tools' answers and three insights", async () => {
      const response = await plan({ session: "one" });
      const { result, session_id } = await response.json();
      equal(session_id, "one");
      ok(
        result.startsWith(`${PLAN.join("")}\n\n---\n## Specialist Insights\n\n\n### Budget`),
        result,
      );
      const [budget, adventure, logistics] = result.split(/^### .*$/m).slice(1)
        .map((section: string) => JSON.parse(section));
      // What the analyst's model said at first was not an analysis.
      equal(budget.total_estimated, 1850);
      equal(adventure.local_gems[0], "Nishiki");
      equal(logistics.daily_schedule[0].day, 1);
      match(
        result,
        /### Budget Analysis\n[^#]*### Adventure Recommendations\n[^#]*### Logistics Plan\n/,
      );

      equal(openai.requests.length, 0);
      const [first, second] = claude.requests.map(({ body }) => body);
      deepEqual(first?.tools?.map(({ function: { name } }) => name).toSorted(), TOOLS.toSorted());
      match(JSON.stringify(first?.messages[0]), /Preferred airlines: .*SQ/);
      const answers = second?.messages.filter(({ role }) => role === "tool") ?? [];
      equal(answers.length, 4);
      match(JSON.stringify(answers), /MH007.*Grand Hyatt.*Partly cloudy.*Senso-ji/s);
      const repair = claude.requests.find(({ body }) =>
        body.tools === undefined && body.messages.length > 2
      );
      match(JSON.stringify(repair?.body.messages), /a lot.*total_estimated/s);
    });

    await t.step("a second turn goes on with the first", async () => {
      const asked = claude.nextRequest();
      const { result } = await (await plan({ session: "one", message: "Less walking" })).json();
      const { messages } = (await asked).body;
      deepEqual(messages.slice(1).map(({ role }) => role), ["user", "assistant", "user"]);
      match(JSON.stringify(messages[1]), /Plan a trip to Kyoto/);
      match(JSON.stringify(messages[2]), /Day 1: temples.*Specialist Insights/);
      match(JSON.stringify(messages[3]), /Less walking/);
      const gateway = await planner.addressOf("gateway");
      const turns = await (await fetch(`${gateway}/sessions/one/history`)).json();
      deepEqual(
        turns.map(({ role, content }: { role: string; content: string }) => [role, content.length]),
        [
          ["user", String(messages[1]?.content).length],
          ["assistant", result.length],
          ["user", "Less walking".length],
          ["assistant", result.length],
        ],
      );
    });

    await t.step("chunks arrive at the browser one by one, while the model writes", async () => {
      claude.push({ text: PLAN, slow: true });
      const response = await plan({ stream: true });
      const arrived: string[] = [];
      claude.release(1);
      for await (const chunk of chunksOf(response)) {
        arrived.push(chunk);
        // The model writes on only now that what it wrote has come here.
        if (arrived.length < PLAN.length) claude.release(1);
        if (chunk === "[DONE]") break;
      }
      deepEqual(arrived.slice(0, 3), PLAN);
      match(arrived[3] ?? "", /^\n\n---\n## Specialist Insights\n/);
      equal(arrived.length, 5);
    });

    await t.step("whoever leaves ends the vendor's request", async () => {
      claude.push({ text: PLAN, slow: true });
      const leaving = new AbortController();
      const response = await plan({ stream: true, session: "left", signal: leaving.signal });
      claude.release(1);
      const chunks = chunksOf(response);
      equal((await chunks.next()).value, PLAN[0]);
      const request = claude.requests.at(-1);
      equal(request?.isAborted, false);
      leaving.abort();
      await request?.aborted;
      const gateway = await planner.addressOf("gateway");
      deepEqual(await (await fetch(`${gateway}/sessions/left/history`)).json(), []);
    });

    await t.step("without Claude the next plan is GPT's, and Claude's again with it", async () => {
      const before = openai.requests.length;
      equal((await mesh.run("stop", "claude-provider")).code, 0);
      const response = await plan();
      equal(response.status, 200);
      match((await response.json()).result, /### Budget Analysis.*### Logistics Plan/s);
      ok(openai.requests.length > before);

      equal((await mesh.run("start", "-d", tripPlannerFile("claude-provider.ts"))).code, 0);
      const until = performance.now() + SETTLES_WITHIN_MS;
      const asked = claude.requests.length;
      while (claude.requests.length === asked && performance.now() < until) {
        match((await (await plan()).json()).result, /Logistics Plan/);
      }
      ok(claude.requests.length > asked, "Claude is not asked any more");
    });
  });
});
