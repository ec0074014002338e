/**
 * A call of every tool of TripPlanner while no vendor has a key, and a piece of each answer.
 *
 * @module
 */

/** What a tool is called with, and what its answer must have. */
export interface SampleCall {
  readonly arguments: Record<string, unknown>;
  readonly has: RegExp;
}

const ABOUT = { destination: "Kyoto", plan_summary: "Temples of Kyoto" };
const CONVERSATION = { session_id: "sample" };
const TRIP = { destination: "Kyoto", dates: "June 1-5, 2026", budget: "$2000" };

/** The tools that are there for everybody. */
export const CALLS: Readonly<Record<string, SampleCall>> = {
  adventure_advice: { arguments: ABOUT, has: /unique_experiences/ },
  budget_analysis: { arguments: { ...ABOUT, budget: "$2000" }, has: /total_estimated/ },
  flight_search: {
    arguments: { origin: "SFO", destination: "NRT", date: "2026-06-01" },
    has: /MH007.*SQ017/s,
  },
  get_history: { arguments: CONVERSATION, has: /\[/ },
  get_user_prefs: { arguments: { user_id: "demo-user" }, has: /budget_usd/ },
  get_weather: { arguments: { location: "Kyoto", date: "2026-06-01" }, has: /partly_cloudy/ },
  hotel_search: {
    arguments: { destination: "Kyoto", checkin: "2026-06-01", checkout: "2026-06-05" },
    has: /Grand Hyatt/,
  },
  list_sessions: { arguments: { user_id: "sample" }, has: /\[/ },
  logistics_planning: { arguments: { ...ABOUT, dates: "June 1-5, 2026" }, has: /daily_schedule/ },
  ...answersOf("offline_provider", /No language model wrote this/, /_mesh_frame\W+end\W/),
  plan_trip: { arguments: TRIP, has: /No language model wrote this.*Specialist Insights/s },
  save_session: {
    arguments: { ...CONVERSATION, ...TRIP, user_id: "sample", conversation: "sample" },
    has: /saved/,
  },
  save_turn: { arguments: { ...CONVERSATION, role: "user", content: "Hi" }, has: /total_turns/ },
  search_pois: { arguments: { location: "Tokyo" }, has: /Senso-ji Temple/ },
};

/** The tools of providers that say what they lack. */
export const KEYLESS_CALLS: Readonly<Record<string, SampleCall>> = {
  ...answersOf("claude_provider", /ANTHROPIC_API_KEY is not set/),
  ...answersOf("gemini_provider", /GEMINI_API_KEY or GOOGLE_API_KEY is not set/),
  ...answersOf("openai_provider", /OPENAI_API_KEY is not set/),
};

/** Both tools of a provider. */
function answersOf(provider: string, has: RegExp, streamed = has): Record<string, SampleCall> {
  const args = { request: { messages: [{ role: "user", content: "Hello" }] } };
  return {
    [provider]: { arguments: args, has },
    [`${provider}_stream`]: { arguments: args, has: streamed },
  };
}
