/**
 * A database that measures how long it takes.
 *
 * @module
 */
import type { Histogram } from "../../runtime/metrics/instruments.ts";

/** Where times go. */
export type DatabaseTimes = Histogram<"db_system_name" | "db_operation_name" | "error_type">;

/** What a database is asked to do, and answers once. */
type Operation = "get" | "getMany" | "set" | "delete" | "commit";

/** The same database, measured. What it lists is not: that takes as long as its reader does. */
export function measuredKv(kv: Deno.Kv, times: DatabaseTimes): Deno.Kv {
  const measure = measurer(times);
  const asked = new Map<PropertyKey, unknown>([
    ["get", measure("get", (...args: Parameters<Deno.Kv["get"]>) => kv.get(...args))],
    ["set", measure("set", (...args: Parameters<Deno.Kv["set"]>) => kv.set(...args))],
    ["delete", measure("delete", (...args: Parameters<Deno.Kv["delete"]>) => kv.delete(...args))],
    [
      "getMany",
      measure("getMany", (...args: Parameters<Deno.Kv["getMany"]>) => kv.getMany(...args)),
    ],
  ]);
  asked.set("atomic", () => {
    const commit = kv.atomic();
    commit.commit = measure("commit", commit.commit.bind(commit));
    return commit;
  });
  return new Proxy(kv, {
    get: (target, name) => {
      const known = asked.get(name);
      if (known !== undefined) return known;
      const member = Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

function measurer(times: DatabaseTimes) {
  const common = { db_system_name: "deno_kv" };
  return <Args extends unknown[], Result>(
    name: Operation,
    operation: (...args: Args) => Promise<Result>,
  ) => {
    const series = times.with({ ...common, db_operation_name: name, error_type: "" });
    return async (...args: Args): Promise<Result> => {
      const begun = performance.now();
      try {
        const result = await operation(...args);
        series.observe((performance.now() - begun) / 1_000);
        return result;
      } catch (error) {
        const error_type = error instanceof Error ? error.name : "_OTHER";
        times.with({ ...common, db_operation_name: name, error_type })
          .observe((performance.now() - begun) / 1_000);
        throw error;
      }
    };
  };
}
