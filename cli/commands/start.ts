/**
 * `meshctl start`: run agents, and a registry when there is none.
 *
 * @module
 */
import { checkTypes, typeProblemText } from "../analysis/type_check.ts";
import { defineCommand } from "../app/command.ts";
import type { Context } from "../app/context.ts";
import { checkPrerequisites } from "../doctor/prerequisites.ts";
import { CliError, EXIT } from "../base/exit.ts";
import { whileBusy } from "../output/busy_line.ts";
import { ownFiles } from "../start/agent_source.ts";
import { followInterrupts, untilClosed } from "../start/interruption.ts";
import { makePrivate, openedText } from "../machine/private_home.ts";
import { createPrefixedOutput } from "../start/prefixed_output.ts";
import { readinessText } from "../start/readiness.ts";
import { createStartedProcesses } from "../start/started_processes.ts";
import { FAILURE_GRACE_MS, startDetached, supervisorFile } from "../supervise/start_detached.ts";
import { type StartedMesh, startMesh } from "../start/start_mesh.ts";
import { reportDetached, reportForeground } from "../start/start_report.ts";
import { supervise } from "../supervise/supervise.ts";
import { Watch } from "../supervise/watch.ts";
import { readStartRequest, START_OPTIONS, type StartRequest } from "../start/start_request.ts";
import { SUMMARIES } from "../app/summaries.ts";

/** `meshctl start [files and folders]`. */
export const startCommand = defineCommand({
  name: "start",
  summary: SUMMARIES.start,
  usage: "[files and folders of agents]",
  details:
    "An agent's code may touch what the flags of its first line allow, less what belongs to\n" +
    "the runtime, and runs in a process of its own; `meshctl permissions` shows what it got.\n" +
    "Without agents, only the registry is started. Without -d, everything runs in the\n" +
    "foreground until Ctrl+C. If one agent does not start, nothing is left running.\n\n" +
    "--mcp makes any MCP server an agent: its tools are capabilities, tagged by --mcp-tags. What\n" +
    "is in the options is seen by everybody who may list processes; write secrets as ${NAME},\n" +
    "in single quotes, and the variable of that name is filled in.",
  positionals: { min: 0, max: Infinity },
  completes: ["files"],
  options: START_OPTIONS,
  examples: [
    { line: "start agents/trip-planner", note: "Every agent in a folder, in the foreground" },
    { line: "start -d flight.ts hotel.ts", note: "Two agents in the background" },
    { line: "start --registry-only -d", note: "A registry in the background" },
    {
      line: "start --isolation worker agents/trip-planner",
      note: "All agents in one process; without this, the code of each has its own",
    },
    {
      line: "start -d --mcp memory='npx -y @modelcontextprotocol/server-memory'",
      note: "An MCP server that is started, as an agent",
    },
    {
      line: "start --mcp docs=https://host/mcp --mcp-header 'docs=Authorization: Bearer ${TOKEN}'",
      note: "An MCP server at a URL, with a secret that stays one",
    },
  ],
  run: async (context, { options, positionals }) => {
    const request = await readStartRequest(options, positionals, context);
    const watched = options.json || options.quiet ? undefined : context;
    const warnings = await whileBusy(
      watched,
      "Looking at what the agents import",
      () => checkPrerequisites(request, context),
    );
    for (const warning of warnings) {
      context.stderr.write(`${warning}\n`);
    }
    if (request.check === "before") {
      await whileBusy(watched, "Checking types", () => refuseBadTypes(request, context));
    }
    const talk = options.quiet ? () => {} : (text: string) => context.stderr.write(`${text}\n`);
    const opened = await makePrivate(request.home);
    if (opened.length > 0) talk(openedText(request.home, opened));
    for (const { name, declared } of request.sources) {
      if (!declared) {
        talk(`${name} declares no permissions in its first line, so its code has none`);
      }
    }
    if (request.traces !== undefined) talk(request.traces);
    if (request.detach && (request.watch || request.restart)) {
      return await startDetached(request, { options, positionals }, context);
    }
    const started = createStartedProcesses(request.home);
    using output = request.detach ? undefined : createPrefixedOutput(
      options.json ? { ...context, stdout: context.stderr } : context,
      request.home,
      request.shown,
    );
    using interruption = followInterrupts(context, started);
    const { interrupted } = interruption;
    const onLine = output === undefined ? undefined : untilClosed(output, interruption);
    await using file = request.detach ? undefined : await supervisorFile(request);
    using watch = request.watch ? Watch.prepare(request, context) : undefined;
    let mesh: StartedMesh;
    try {
      // In the foreground, what the agents print says how far they are.
      mesh = await whileBusy(
        request.detach ? watched : undefined,
        "Starting",
        (say) =>
          startMesh(request, {
            started,
            onLine,
            interrupted,
            onLook: (readiness) => say(readinessText(readiness)),
          }, context),
      );
    } catch (error) {
      await started.end({ ...request, graceMs: FAILURE_GRACE_MS, say: talk });
      throw error;
    }
    if (file === undefined) return await reportDetached(mesh, context, options);
    try {
      await reportForeground(mesh, context, options);
      if (started.agents.length === 0 && started.registry === undefined) return EXIT.ok;
      talk("Ctrl+C stops everything.\n");
      const staying = { started, onLine, interrupted, file, watch };
      const code = await supervise(mesh, request, staying, context);
      if (interrupted.aborted) talk("Stopping …");
      return code;
    } finally {
      await started.end({ ...request, say: talk });
    }
  },
});

async function refuseBadTypes(request: StartRequest, context: Context): Promise<void> {
  const problems = await checkTypes(ownFiles(request.sources), context);
  if (problems === undefined || problems.length === 0) return;
  const lines = problems.map(typeProblemText);
  throw new CliError(
    EXIT.failure,
    ["the agents do not type-check", ...lines].join("\n"),
    { hint: "Correct them, or start without --check." },
  );
}
