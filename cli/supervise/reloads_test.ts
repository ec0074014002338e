import { deepEqual, match } from "node:assert/strict";
import type { ReloadReport } from "../../runtime/process/plan.ts";
import type { TypeProblem } from "../analysis/type_check.ts";
import { EMPTY_LOCK } from "../analysis/lock_file.ts";
import type { StartableAgent } from "../start/startable_agent.ts";
import type { SupervisedProcess } from "./supervised_process.ts";
import { Reloads, type ReloadsOptions } from "./reloads.ts";
import { type Loaded, WatchedAgent } from "./watched_agent.ts";

const reach = { files: { "/app/a.ts": "/app/a.ts" }, hosts: [] };
const source: StartableAgent = {
  file: "/app/a.ts",
  name: "a",
  permissions: {},
  declared: true,
  code: { files: ["/app/a.ts"], reach, lock: EMPTY_LOCK, problems: [], stray: [] },
};
const SAVE = { paths: ["/app/a.ts"], at: performance.now() };

/** A world in which everything goes well, unless it is said otherwise. */
function world(check: ReloadsOptions["check"], ways: {
  read?: Loaded;
  /** What the process reports of a command. */
  answers?: Partial<Record<"load" | "run" | "back", Partial<ReloadReport>>>;
  problems?: TypeProblem[];
  restart?: string;
  isUp?: boolean;
} = {}) {
  const events: string[] = [];
  const notes: string[] = [];
  let last = "";
  const phases = { load: "loaded", run: "running", back: "back" } as const;
  const process = { state: ways.isUp === false ? "down" : "running" } as SupervisedProcess;
  const agent = new WatchedAgent(source, process, true);
  const reloads = new Reloads({
    check,
    read: () => Promise.resolve(ways.read ?? { kind: "loaded", source }),
    tell: (_, command) => {
      events.push(command.type);
      last = command.type;
    },
    report: (_, id, wanted) => {
      const asked = last as "load" | "run" | "back";
      const phase = phases[asked];
      const report = { id, at: 0, changed: false, phase, ...ways.answers?.[asked] };
      return Promise.resolve(wanted.includes(report.phase) ? report : undefined);
    },
    wired: () => Promise.resolve(true),
    restart: () => {
      events.push("restart");
      process.state = "running";
      return Promise.resolve(ways.restart);
    },
    refresh: () => Promise.resolve(),
    checkTypes: () => {
      events.push("check");
      return Promise.resolve(ways.problems ?? []);
    },
    note: (_, level, text) => notes.push(`${level} ${text}`),
  });
  return {
    agent,
    events,
    notes,
    save: async (paths = SAVE.paths) => {
      reloads.begin(agent);
      await reloads.settle([agent], { ...SAVE, paths });
      await reloads.check();
    },
  };
}

const problem = { file: "/app/a.ts", line: 3, column: 5, message: "TS1: no" };

Deno.test("Reloads runs what loads at once and keeps it when it type-checks", async () => {
  const { events, notes, save, agent } = world("beside");
  await save();
  deepEqual(events, ["load", "run", "check", "keep"]);
  match(notes.join("\n"), /^info reloaded \d+ ms after the save: a\.ts$/);
  deepEqual([agent.version, agent.isBehind], [1, false]);
});

Deno.test("Reloads goes back to the code before when what runs does not type-check", async () => {
  const { events, notes, save, agent } = world("beside", { problems: [problem] });
  await save();
  deepEqual(events, ["load", "run", "check", "back"]);
  deepEqual(
    notes[1],
    "error does not type-check, the code before it runs again: /app/a.ts:3:5: TS1: no",
  );
  deepEqual(agent.isBehind, true);
});

Deno.test("Reloads only tells of types when there is nothing to go back to", async () => {
  const { notes, save, agent } = world("beside", {
    problems: [problem],
    answers: { back: { phase: "refused" } },
  });
  await save();
  deepEqual([notes[1], agent.isBehind], [
    "warn does not type-check: /app/a.ts:3:5: TS1: no",
    false,
  ]);
});

Deno.test("Reloads runs nothing before it type-checks when that is asked for", async () => {
  const good = world("before");
  await good.save();
  deepEqual(good.events, ["load", "check", "run", "keep"]);
  const bad = world("before", { problems: [problem, problem, problem, problem] });
  await bad.save();
  deepEqual(bad.events, ["load", "check"]);
  match(bad.notes.join("\n"), /^error not reloaded, .*: it does not type-check: .*; and 1 more$/);
});

Deno.test("Reloads keeps at once what need not be checked", async () => {
  const never = world("never");
  await never.save();
  deepEqual(never.events, ["load", "run", "keep"]);
  const prompt = world("beside");
  prompt.agent.prompts = new Set(["/app/prompts/a.njk"]);
  await prompt.save(["/app/prompts/a.njk"]);
  deepEqual(prompt.events, ["load", "run", "keep"]);
});

Deno.test("Reloads tells why what was saved does not run, and leaves what runs", async () => {
  const error = { code: "bad_definition", message: "/app/a.ts:1:1: wrong" };
  const rows: [Parameters<typeof world>[1], string[], RegExp][] = [
    [{ read: { kind: "refused", reason: "bad first line" } }, [], /runs on: bad first line$/],
    [{ answers: { load: { phase: "refused", error } } }, ["load"], /runs on: \/app\/a\.ts:1:1/],
    [{ answers: { run: { phase: "refused", error } } }, ["load", "run"], /runs on: \/app\/a\.ts/],
    [{ answers: { load: { phase: "back" } } }, ["load"], /does not finish loading$/],
    [
      { isUp: false, read: { kind: "refused", reason: "bad first line" } },
      [],
      /^error does not start: bad first line; the next save is tried again$/,
    ],
  ];
  for (const [ways, told, note] of rows) {
    const { events, notes, save } = world("beside", ways);
    await save();
    deepEqual(events.filter((event) => event !== "check"), told);
    match(notes.join("\n"), note);
  }
});

Deno.test("Reloads starts a process again that is down or cannot be what is declared now", async () => {
  const error = { code: "outgrown", message: "its port is 9001 now" };
  const rows: [Parameters<typeof world>[1], string[], RegExp][] = [
    [{ isUp: false }, ["restart", "check", "keep"], /^info started again \d+ ms after the save: a/],
    [
      { answers: { load: { phase: "outgrown", error } } },
      ["load", "restart", "check", "keep"],
      /\(its port is 9001 now\)$/,
    ],
    [
      { read: { kind: "anew", source, reason: 'its name is "b" now' }, restart: "no luck" },
      ["restart"],
      /^error does not start: no luck; the next save is tried again$/,
    ],
  ];
  for (const [ways, told, note] of rows) {
    const { events, notes, save } = world("beside", ways);
    await save();
    deepEqual(events, told);
    match(notes.join("\n"), note);
  }
});

Deno.test("Reloads leaves a save to the one that comes after it", async () => {
  const { agent, events, notes, save } = world("beside");
  const first = save();
  const second = save();
  await Promise.all([first, second]);
  deepEqual(agent.version, 2);
  deepEqual(events.filter((event) => event === "run").length, 1);
  deepEqual(notes.length, 1);
});
