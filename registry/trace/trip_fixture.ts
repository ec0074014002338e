/**
 * The traces of TripPlanner day by day, as its agents would measure them: each call twice, by who
 * called and by who was called, and each turn of a model. For tests.
 *
 * @module
 */
import { type SpanInput, SpanSchema } from "../../runtime/protocol/trace.ts";
import type { MeasuredSpan } from "../../runtime/protocol/trace_stream.ts";
import { BEGIN_US, spanAgent, spanId, traceId } from "./span_fixture.ts";

/** A tool of an agent that runs, and what it calls while it does. */
interface Run {
  readonly tool: string;
  readonly agent: string;
  /** One after another; those in a list of their own at the same time. */
  readonly calls?: readonly (Run | readonly Run[])[];
  /** Turns of a model, one before each call and one after the last. */
  readonly model?: string;
}

/** Days that have a trace of their own. */
export type Day = 3 | 4 | 6 | 7;

const prefs: Run = { tool: "get_user_prefs", agent: "user-prefs-agent" };
const flights: Run = { tool: "flight_search", agent: "flight-agent", calls: [prefs] };
const hotels: Run = { tool: "hotel_search", agent: "hotel-agent" };
const weather: Run = { tool: "get_weather", agent: "weather-agent" };
const pois: Run = { tool: "search_pois", agent: "poi-agent", calls: [weather] };
const provider = (...calls: Run[]): Run => ({
  tool: "claude_provider",
  agent: "claude-provider",
  model: "anthropic/claude-sonnet-4-5",
  calls,
});
const history: Run = { tool: "get_history", agent: "chat-history-agent" };
const saved: Run = { tool: "save_turn", agent: "chat-history-agent" };
const committee: Run[] = [
  { tool: "budget_analysis", agent: "budget-analyst", calls: [provider()] },
  { tool: "adventure_advice", agent: "adventure-advisor", calls: [provider()] },
  { tool: "logistics_planning", agent: "logistics-planner", calls: [provider()] },
];
const plan = (...calls: (Run | Run[])[]): Run => ({
  tool: "plan_trip",
  agent: "planner-agent",
  calls,
});
const tools = [flights, hotels, weather, pois];

const TRIPS: Readonly<Record<Day, Run>> = {
  3: plan(provider()),
  4: plan(prefs, provider(...tools)),
  6: plan(prefs, history, provider(...tools), saved, saved),
  7: plan(prefs, history, provider(...tools), committee, saved, saved),
};

/** What a tree shows of each day: two blanks a level, `∥` behind what ran at the same time. */
export const TRIP_TREES: Readonly<Record<Day, string>> = {
  3: `plan_trip
  claude_provider`,
  4: `plan_trip
  get_user_prefs
  claude_provider
    flight_search
      get_user_prefs
    hotel_search
    get_weather
    search_pois
      get_weather`,
  6: `plan_trip
  get_user_prefs
  get_history
  claude_provider
    flight_search
      get_user_prefs
    hotel_search
    get_weather
    search_pois
      get_weather
  save_turn
  save_turn`,
  7: `plan_trip
  get_user_prefs
  get_history
  claude_provider
    flight_search
      get_user_prefs
    hotel_search
    get_weather
    search_pois
      get_weather
  budget_analysis ∥
    claude_provider
  adventure_advice ∥
    claude_provider
  logistics_planning ∥
    claude_provider
  save_turn
  save_turn`,
};

/** The spans of a day's trace, in the order in which they end. */
export function tripSpans(day: Day, trace: number = day): MeasuredSpan[] {
  const recorder = new Recorder(trace);
  recorder.run(TRIPS[day], undefined, 0);
  return recorder.spans;
}

/** Writes down what would be measured; every call takes a millisecond to arrive and one to return. */
class Recorder {
  readonly spans: MeasuredSpan[] = [];
  #ids = 0;

  constructor(readonly trace: number) {}

  /** Runs a tool from `at`, milliseconds; when it ends. */
  run(run: Run, parent: string | undefined, at: number): number {
    const id = this.#id();
    let now = at + 1;
    for (const call of run.calls ?? []) {
      now = this.#turn(run, id, now);
      const together = "tool" in call ? [call] : call;
      now = Math.max(...together.map((callee, place) => this.#call(run, callee, id, now + place)));
    }
    now = this.#turn(run, id, now) + 1;
    this.#add(run.agent, at, now, {
      span_id: id,
      ...(parent !== undefined && { parent_span_id: parent }),
      name: run.tool,
      kind: "server",
      capability: run.tool,
    });
    return now;
  }

  #call(caller: Run, callee: Run, parent: string, at: number): number {
    const id = this.#id();
    const end = this.run(callee, id, at + 1) + 1;
    this.#add(caller.agent, at, end, {
      span_id: id,
      parent_span_id: parent,
      name: callee.tool,
      kind: "client",
      capability: callee.tool,
      target_agent: spanAgent(callee.agent).id,
    });
    return end;
  }

  /** A turn of the tool's model, if it has one. */
  #turn({ model, agent }: Run, parent: string, at: number): number {
    if (model === undefined) return at;
    const llm = { model, provider: "anthropic", input_tokens: 900, output_tokens: 120 };
    this.#add(agent, at, at + 5, {
      span_id: this.#id(),
      parent_span_id: parent,
      name: `chat ${model}`,
      kind: "client",
      llm,
    });
    return at + 5;
  }

  #id(): string {
    return spanId(++this.#ids);
  }

  #add(
    agent: string,
    begin: number,
    end: number,
    span: Omit<SpanInput, "trace_id" | "start_us" | "duration_us">,
  ): void {
    this.spans.push({
      agent: spanAgent(agent),
      span: SpanSchema.parse({
        trace_id: traceId(this.trace),
        start_us: BEGIN_US + begin * 1_000,
        duration_us: (end - begin) * 1_000,
        ...span,
      }),
    });
  }
}
