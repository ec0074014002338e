import { equal, rejects } from "node:assert/strict";
import { abortable, within } from "./within.ts";

const never = () => new Promise<never>(() => {});

Deno.test("within() returns what the work returns in time", async () => {
  equal(await within(60_000, Promise.resolve(1)), 1);
});

Deno.test("within() throws what the work throws in time", async () => {
  await rejects(within(60_000, Promise.reject(new Error("own"))), /own/);
});

Deno.test("within() returns undefined, or another mark, when the time is up", async () => {
  equal(await within(1, never()), undefined);
  equal(await within(1, never(), "late"), "late");
});

Deno.test("within() ignores a failure that comes late", async () => {
  const { promise, reject } = Promise.withResolvers<never>();
  equal(await within(1, promise, false), false);
  reject(new Error("too late"));
});

Deno.test("abortable() settles with whichever comes first", async () => {
  const controller = new AbortController();
  equal(await abortable(Promise.resolve(1), controller.signal), 1);
  await rejects(abortable(Promise.reject(new Error("own")), controller.signal), /own/);
  const waiting = abortable(new Promise(() => {}), controller.signal);
  controller.abort(new Error("enough"));
  await rejects(waiting, /enough/);
  await rejects(abortable(new Promise(() => {}), controller.signal), /enough/);
});
