/**
 * TripPlanner with two scripted vendors, for end-to-end tests.
 *
 * @module
 */
import { readEvents } from "../../runtime/base/sse.ts";
import {
  type ScriptedLlm,
  scriptedLlm,
  type ScriptedRequestBody,
  type ScriptedStep,
} from "../../runtime/testing/mod.ts";
import { NO_LLM_KEYS, type TestMesh, withMesh } from "./meshctl.ts";
import { userFile } from "./program.ts";

/** A trip that is planned. */
export const TRIP = { destination: "Kyoto", dates: "June 1-5, 2026", budget: "$2000" };

/** What the models write as a plan, delta by delta. */
export const PLAN = ["Day 1: temples.\n", "Day 2: gardens.\n", "Day 3: markets."];

/** What the specialists' models answer, by what their prompt is about. */
const INSIGHTS = {
  budget: {
    total_estimated: 1850,
    savings_tips: ["Take the bus"],
    budget_breakdown: [{ category: "flight", amount: 842 }],
  },
  adventure: {
    unique_experiences: [{ name: "Dawn", description: "A shrine at dawn", why_special: "Quiet" }],
    local_gems: ["Nishiki"],
    off_beaten_path: "The hills",
  },
  logistics: {
    daily_schedule: [{ day: 1, activities: ["Temples"] }],
    transit_tips: ["A pass"],
    time_optimization: "Start early",
  },
};

/** TripPlanner as it runs in a test. */
export interface TripPlanner {
  readonly mesh: TestMesh;
  readonly claude: ScriptedLlm;
  readonly openai: ScriptedLlm;
  /** Sends a request to the gateway's `/plan`. */
  plan(options?: PlanOptions): Promise<Response>;
  /** Where an agent answers, by its name. */
  addressOf(agent: string): Promise<string>;
}

/** How {@linkcode withTripPlanner} starts it. */
export interface TripPlannerOptions {
  /** Further variables, such as `REDIS_URL`. */
  readonly env?: Record<string, string>;
  /** Modules of the agents to start, if not all. */
  readonly files?: readonly string[];
  /** How agents' code is kept apart; a worker takes half the time to start. @default "process" */
  readonly isolation?: "process" | "worker";
}

/** A request for a plan. */
export interface PlanOptions {
  readonly session?: string;
  readonly message?: string;
  readonly stream?: boolean;
  readonly signal?: AbortSignal;
}

/** Absolute path of an agent of TripPlanner, or of all of them. */
export function tripPlannerFile(name = ""): string {
  return userFile(`agents/trip-planner/${name}`);
}

/** Whether a request asks a specialist's model for insights; the planner's has tools. */
function isFor(subject: keyof typeof INSIGHTS, request: ScriptedRequestBody): boolean {
  const [field = ""] = Object.keys(INSIGHTS[subject]);
  return request.tools === undefined && JSON.stringify(request).includes(field);
}

/**
 * What a vendor does all the time: it has the planner's tools called, then writes the plan; it answers
 * the specialists by their schemas, the budget analyst at first with something else.
 */
function habits(): ScriptedStep[] {
  const date = "2026-06-01";
  return [
    {
      when: (request) => isFor("budget", request) && request.messages.length === 2,
      json: { total_estimated: "a lot", savings_tips: [] },
    },
    ...(["budget", "adventure", "logistics"] as const).map((subject) => ({
      when: (request: ScriptedRequestBody) => isFor(subject, request),
      json: INSIGHTS[subject],
    })),
    {
      when: ({ messages, tools = [] }) => tools.length > 0 && messages.at(-1)?.role === "user",
      toolCalls: [
        { name: "flight_search", arguments: { origin: "SFO", destination: "Kyoto", date } },
        {
          name: "hotel_search",
          arguments: { destination: "Kyoto", checkin: date, checkout: "2026-06-05" },
        },
        { name: "get_weather", arguments: { location: "Kyoto", date } },
        { name: "search_pois", arguments: { location: "Kyoto" } },
      ],
    },
  ];
}

/** Runs `body` with all agents of TripPlanner in the background, Claude and GPT scripted. */
export async function withTripPlanner(
  body: (planner: TripPlanner) => Promise<void>,
  { env = {}, files = [""], isolation = "process" }: TripPlannerOptions = {},
): Promise<void> {
  const plan: ScriptedStep = { text: PLAN };
  await using claude = scriptedLlm(habits(), { otherwise: plan });
  await using openai = scriptedLlm(habits(), { otherwise: plan });
  const vendors = {
    ANTHROPIC_API_KEY: "scripted",
    ANTHROPIC_BASE_URL: claude.url,
    OPENAI_API_KEY: "scripted",
    OPENAI_BASE_URL: openai.url,
    MCP_MESH_HTTP_PORT: "0",
    MCP_MESH_HEALTH_INTERVAL: "1",
    CHAT_HISTORY_KV: ":memory:",
  };
  await withMesh(async (mesh) => {
    const { code, stderr } = await mesh.run(
      ...["start", "-d", "--isolation", isolation],
      ...files.map(tripPlannerFile),
    );
    if (code !== 0) throw new Error(stderr);
    const addressOf = async (name: string): Promise<string> => {
      const { agents } = JSON.parse((await mesh.run("list", "--json")).stdout);
      return agents.find((agent: { name: string }) => agent.name === name).endpoint;
    };
    let gateway: Promise<string> | undefined;
    await body({
      mesh,
      claude,
      openai,
      addressOf,
      plan: async ({ session, message, stream = false, signal } = {}) =>
        await fetch(`${await (gateway ??= addressOf("gateway"))}/plan`, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            ...(stream && { accept: "text/event-stream" }),
            ...(session !== undefined && { "x-session-id": session }),
          },
          body: JSON.stringify(message === undefined ? TRIP : { ...TRIP, message }),
          ...(signal !== undefined && { signal }),
        }),
    });
  }, { ...NO_LLM_KEYS, ...vendors, ...env });
}

/** The data of a streamed plan, event by event. */
export async function* chunksOf({ body }: Response): AsyncGenerator<string> {
  if (body === null) throw new Error("there is nothing to read");
  for await (const { data } of readEvents(body)) yield data;
}
