/**
 * `deno task bench`: how fast it is, beside a peer and the limit of this machine. Servers run in
 * processes of their own, this process is the load. With `--json`, the numbers for programs.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { benchCommands } from "../cli/e2e/command_bench.ts";
import { benchPlan } from "../cli/e2e/plan_bench.ts";
import { benchReload } from "../cli/e2e/reload_bench.ts";
import { benchGateway } from "../registry/mcp/gateway_bench.ts";
import { benchRoutes } from "../runtime/suites/routes_bench.ts";
import { benchLlm } from "../runtime/llm/llm_bench.ts";
import { benchToolCalls } from "../runtime/mcp/server_bench.ts";
import { benchHop } from "../runtime/suites/call_bench.ts";
import { benchNeighbours } from "../runtime/suites/neighbour_bench.ts";
import { heartbeatSection } from "./bench/heartbeats.ts";
import { compare, type Section, table } from "./bench/section.ts";

async function benchHeartbeats(): Promise<Section[]> {
  const file = fileURLToPath(new URL("../registry/suites/heartbeat_bench.ts", import.meta.url));
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-prompt", file],
    stderr: "inherit",
  }).output();
  if (code !== 0) throw new Error(`${file} ended with exit code ${code}`);
  return [heartbeatSection(new TextDecoder().decode(stdout))];
}

async function main(args: string[]): Promise<void> {
  const sections: Section[] = [];
  for (
    const bench of [
      benchToolCalls,
      benchHop,
      benchRoutes,
      benchNeighbours,
      benchGateway,
      benchLlm,
      benchPlan,
      benchCommands,
      benchReload,
      benchHeartbeats,
    ]
  ) {
    console.error(`running ${bench.name} …`);
    sections.push(...await bench());
  }
  const machine = `Deno ${Deno.version.deno}, ${navigator.hardwareConcurrency} cores`;
  console.log(
    args.includes("--json")
      ? JSON.stringify({
        machine,
        sections: sections.map((section) => ({ title: section.title, rows: compare(section) })),
      })
      : `${table(sections)}\n\n${machine}; servers and load on the same machine.`,
  );
}

if (import.meta.main) await main(Deno.args);
