import { deepEqual, equal, match, throws } from "node:assert/strict";
import type { DependencyResolution } from "../../runtime/protocol/listing.ts";
import { chooseDependencies, explainFromListing } from "./explanation.ts";
import { agentInfo, toolInfo } from "../mesh/mesh_fixture.ts";

function dependency(capability: string, function_name = "f"): DependencyResolution {
  return { function_name, capability, status: "unresolved", tags: ["fast", ["a", "b"]] };
}

Deno.test("chooseDependencies() takes a capability, the beginning of one, or all", () => {
  const agent = agentInfo({
    dependency_resolutions: [
      dependency("weather"),
      dependency("weather_forecast"),
      dependency("weather"),
      dependency("prefs", "g"),
    ],
  });
  const chosen = (reference?: string, functionName?: string) =>
    chooseDependencies(agent, reference, functionName).map(({ capability }) => capability);
  deepEqual(chosen(), ["weather", "weather_forecast", "prefs"]);
  deepEqual(chosen("weather"), ["weather"]);
  deepEqual(chosen("wea"), ["weather", "weather_forecast"]);
  deepEqual(chosen(undefined, "g"), ["prefs"]);
  throws(() => chosen("prfs"), { code: 3, hint: "Did you mean prefs?" });
  throws(() => chosen("prefs", "f"), { code: 3, hint: "There are weather, weather_forecast." });
  throws(() => chosen(undefined, "h"), { code: 3, message: /no function h/ });
  deepEqual(chooseDependencies(agentInfo(), undefined, undefined), []);
});

Deno.test("explainFromListing() tells where a resolved dependency leads", () => {
  const { resolved, sentences, chosen } = explainFromListing({
    ...dependency("weather"),
    status: "available",
    provider_agent_id: "sun-1",
    mcp_tool: "now",
    endpoint: "http://sun:1",
  }, []);
  equal(resolved, true);
  deepEqual(sentences, ["It leads to now of sun-1 at http://sun:1."]);
  deepEqual(chosen, { agent_id: "sun-1", function_name: "now", endpoint: "http://sun:1" });
});

Deno.test("explainFromListing() tells what keeps each offer from being taken, and the easiest fix", () => {
  const offer = toolInfo({ name: "weather", tags: ["slow"], version: "1.2.0" });
  const fits = agentInfo({ name: "slow", capabilities: [offer] });
  const down = agentInfo({ name: "down", status: "unhealthy", capabilities: [offer] });
  const blocked = agentInfo({
    name: "blocked",
    capabilities: [{
      ...offer,
      available: false,
      unavailable_reason: "required dep 'x' unresolved",
    }],
  });
  const rows: [Parameters<typeof explainFromListing>[1], RegExp, RegExp][] = [
    [[], /^No agent offers the capability weather\.$/, /^Start an agent that offers weather\.$/],
    [
      [agentInfo({ capabilities: [toolInfo({ name: "wether" })] })],
      /^No agent offers/,
      /Did you mean wether\?$/,
    ],
    [
      [down],
      /^down-00000001:weather would do, but its agent is unhealthy\.$/,
      /^Start down again\.$/,
    ],
    [
      [blocked],
      /tool is unavailable: required dep 'x' unresolved\.$/,
      /^Make weather of blocked available\.$/,
    ],
    [
      [fits],
      /version 1\.2\.0 and tags slow, and was not chosen; asked for are tags fast, a\|b\.$/,
      /^Compare the tags, version and schema/,
    ],
    [[fits, blocked, down], /^slow-00000001 /, /^Start down again\.$/],
  ];
  for (const [agents, sentence, fix] of rows) {
    const explanation = explainFromListing(dependency("weather"), agents);
    equal(explanation.resolved, false);
    equal(explanation.sentences.length, Math.max(1, agents.length));
    match(explanation.sentences[0] ?? "", sentence);
    match(explanation.fix ?? "", fix);
  }
});
