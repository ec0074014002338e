import { deepEqual } from "node:assert/strict";
import { CodeProcesses } from "./code_processes.ts";
import type { CodeRecord } from "./plan.ts";

Deno.test("CodeProcesses names those that run, with when they began once that is known", async () => {
  const births = new Map(
    [7, 8].map((pid) => [pid, Promise.withResolvers<string | undefined>()] as const),
  );
  const seen: CodeRecord[][] = [];
  const processes = new CodeProcesses(
    // The one of 8 is not known.
    { birthOf: async (pid) => await births.get(pid)?.promise },
    (running) => seen.push(running),
  );
  const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  processes.add({ pid: 7, gone: ends[0].promise, kill: () => {} });
  processes.add({ pid: 8, gone: ends[1].promise, kill: () => {} });
  births.get(7)?.resolve("boot/1");
  await births.get(7)?.promise;
  ends[0].resolve();
  await ends[0].promise;
  births.get(8)?.resolve(undefined);
  await births.get(8)?.promise;
  ends[1].resolve();
  await ends[1].promise;
  processes.add({ pid: 0, gone: Promise.resolve(), kill: () => {} });
  deepEqual(seen, [
    [{ pid: 7 }],
    [{ pid: 7 }, { pid: 8 }],
    [{ pid: 7, birth: "boot/1" }, { pid: 8 }],
    [{ pid: 8 }],
    [],
  ]);
});

Deno.test("CodeProcesses does not bring back a process that ended before it was known when it began", async () => {
  const birth = Promise.withResolvers<string>();
  const end = Promise.withResolvers<void>();
  const seen: CodeRecord[][] = [];
  const processes = new CodeProcesses(
    { birthOf: () => birth.promise },
    (running) => seen.push(running),
  );
  processes.add({ pid: 7, gone: end.promise, kill: () => {} });
  end.resolve();
  await end.promise;
  birth.resolve("boot/1");
  await birth.promise;
  deepEqual(seen, [[{ pid: 7 }], []]);
});

Deno.test("CodeProcesses.kill() kills those that run", async () => {
  const processes = new CodeProcesses({ birthOf: () => Promise.resolve(undefined) }, () => {});
  const killed: string[] = [];
  const end = Promise.withResolvers<void>();
  const started = (pid: number, gone: Promise<void>) =>
    processes.add({ pid, gone, kill: (reason) => killed.push(`${pid} ${reason}`) });
  started(7, end.promise);
  started(8, new Promise(() => {}));
  started(9, new Promise(() => {}));
  end.resolve();
  await end.promise;
  processes.kill("is in the way");
  deepEqual(killed, ["8 is in the way", "9 is in the way"]);
});
