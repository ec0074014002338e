import { deepEqual } from "node:assert/strict";
import type { OfferedTool } from "./catalog.ts";
import { ToolSearch, wordsOf } from "./tool_search.ts";

const offered = (
  name: string,
  agent: string,
  description: string,
  tags: string[] = [],
  capability = name,
) =>
  ({
    name,
    agent,
    namespace: "default",
    functionName: name,
    providers: [],
    tool: { description, tags, capability },
    // Nothing else of a tool is searched.
  }) as unknown as OfferedTool;

const TOOLS = [
  offered("flight_search", "flight-agent", "Find flights between two cities", ["travel"]),
  offered("getWeather", "sky", "The forecast of a city", ["outdoor"], "weather.forecast"),
  offered("hotel_search", "hotel-agent", "Find hotels in a city on a date", ["travel", "rooms"]),
  offered("ticket_price", "fares", "What a flight costs"),
];

const search = new ToolSearch();

const rows: [query: string, found: string[]][] = [
  ["", ["flight_search", "getWeather", "hotel_search", "ticket_price"]],
  ["flight", ["flight_search", "ticket_price"]],
  ["flights", ["flight_search", "ticket_price"]],
  ["FLIGHT Search", ["flight_search", "hotel_search", "ticket_price"]],
  ["hotel rooms", ["hotel_search"]],
  ["weather", ["getWeather"]],
  ["forecast of the weather", ["getWeather"]],
  ["of a city", ["getWeather", "hotel_search", "ticket_price"]],
  ["travel", ["flight_search", "hotel_search"]],
  ["fares", ["ticket_price"]],
  ["nothing like it", []],
];
for (const [query, found] of rows) {
  Deno.test(`ToolSearch finds ${JSON.stringify(query)}`, () => {
    deepEqual(search.find(TOOLS, query).map(({ name }) => name), found);
  });
}

Deno.test("wordsOf() cuts at signs and capitals, in any script", () => {
  deepEqual(wordsOf("getUserPrefs v2Beta"), ["get", "user", "prefs", "v2", "beta"]);
  deepEqual(wordsOf("search.flights--now"), ["search", "flights", "now"]);
  deepEqual(wordsOf("Größe 天気"), ["größe", "天気"]);
});

Deno.test("ToolSearch goes by the name a tool has now", () => {
  const [first] = TOOLS;
  if (first === undefined) throw new Error("no tools");
  const renamed = [{ ...first, name: "charter__flight_search" }];
  deepEqual(search.find(renamed, "charter"), renamed);
  deepEqual(search.find([first], "charter"), []);
});
