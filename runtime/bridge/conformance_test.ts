/**
 * The official conformance suite against the clients of the mesh: in a process, a consumer calls an
 * agent that stands for the suite's server, so that the whole way is judged. Every scenario the suite
 * has for a client, in every revision it is for, but those named here with their reason.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { clientChecks, type ClientScenario, clientScenarios } from "../mcp/conformance_fixture.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const CONSUMER = [
  Deno.execPath(),
  ...["run", "--quiet", "--no-check", "--no-prompt", "--allow-env", "--allow-net", "--allow-read"],
  ...["--config", file("../../deno.json"), file("./testdata/conformance_consumer.ts")],
].join(" ");

/** Revisions under which extensions are tried. */
const LATEST = ["2025-11-25", "2026-07-28"];
/** Scenarios at a time. */
const AT_ONCE = 3;

const notApplicable: readonly [reason: string, scenario: RegExp][] = [
  [
    "a person has to consent in a browser, and an agent has none before it",
    /^auth\/(metadata|basic-cimd|scope|token-endpoint-auth|pre-registration|2025-03-26|resource|offline|authorization-server|iss)/,
  ],
  [
    "a person has to sign in with an identity provider",
    /^auth\/enterprise-managed-authorization$/,
  ],
  [
    "an agent has a secret or a key of its own, not assertions or proofs that somebody hands it",
    /^auth\/(dpop(-nonce)?|wif-jwt-bearer)$/,
  ],
  ["an extension for skills, of which agents have none", /^sep-2640-/],
];

function isApplicable({ name }: ClientScenario): boolean {
  return !notApplicable.some(([, scenario]) => scenario.test(name));
}

processTest("conformance: the clients of the mesh", async (t) => {
  const scenarios = await clientScenarios();
  for (const [reason, scenario] of notApplicable) {
    assert.ok(scenarios.some(({ name }) => scenario.test(name)), `nothing of which ${reason}`);
  }
  const runs = scenarios.filter(isApplicable).flatMap((scenario) =>
    scenario.revisions.flatMap((revision) => revision === "extension" ? LATEST : [revision])
      .map((revision) => ({ scenario, revision }))
  );
  assert.ok(runs.length >= 19, `only ${runs.length} runs`);
  const checked = new Map<string, Awaited<ReturnType<typeof clientChecks>>>();
  const waiting = [...runs];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
      const { scenario, revision } = run;
      const name = `${scenario.name} of ${revision}`;
      checked.set(name, await clientChecks(scenario, revision, CONSUMER));
    }
  }));
  for (const [name, { passed, failed }] of checked) {
    await t.step(name, () => {
      assert.deepEqual(failed, []);
      assert.ok(passed > 0, "nothing was checked");
    });
  }
});
