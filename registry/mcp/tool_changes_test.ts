import { deepEqual, equal } from "node:assert/strict";
import { COALESCE_MS, ToolChanges } from "./tool_changes.ts";
import type { View } from "./view.ts";

/** A directory and one view of it. */
class Scene {
  digest = "";
  looks = 0;
  readonly busy: boolean[] = [];
  readonly log: string[] = [];
  readonly view: View;
  readonly changes: ToolChanges;
  readonly #advanced = new Set<() => void>();

  constructor() {
    const digest = () => {
      this.looks += 1;
      return this.digest;
    };
    // All that is asked of a view.
    this.view = { digest } as unknown as View;
    this.changes = new ToolChanges({
      onAdvance: (listener) => {
        this.#advanced.add(listener);
        return () => this.#advanced.delete(listener);
      },
      onBusy: (busy) => this.busy.push(busy),
      log: (line) => this.log.push(line),
    });
  }

  advance(digest = this.digest): void {
    this.digest = digest;
    for (const listener of this.#advanced) listener();
  }
}

Deno.test("ToolChanges tells once of all that happens together, and only of what differs", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const scene = new Scene();
  const told: string[] = [];
  const stops = ["one", "two"].map((who) =>
    scene.changes.listen(scene.view, () => {
      told.push(`${who} ${scene.digest}`);
      if (told.length === 4) resolve();
    })
  );
  for (const digest of ["a", "b", "a", "c"]) scene.advance(digest);
  await new Promise((settle) => setTimeout(settle, COALESCE_MS * 1.5));
  deepEqual(told, ["one c", "two c"]);
  scene.advance("c");
  scene.advance("d");
  await promise;
  deepEqual(told.slice(2), ["one d", "two d"]);
  for (const stop of stops) stop();
  deepEqual(scene.busy, [true, false]);
});

Deno.test("ToolChanges does nothing while nobody listens", () => {
  const scene = new Scene();
  const stop = scene.changes.listen(scene.view, () => {});
  equal(scene.changes.isWatched(scene.view), true);
  scene.advance("x");
  stop();
  stop();
  equal(scene.changes.size, 0);
  equal(scene.changes.isWatched(scene.view), false);
  const { looks } = scene;
  // No timer is left: the sanitizer would find it.
  scene.advance("y");
  equal(scene.looks, looks);
});

Deno.test("a listener that fails does not keep others from being told", async () => {
  const scene = new Scene();
  const { promise, resolve } = Promise.withResolvers<void>();
  const stops = [
    scene.changes.listen(scene.view, () => {
      throw new Error("gone");
    }),
    scene.changes.listen(scene.view, resolve),
  ];
  scene.advance("x");
  await promise;
  equal(scene.log.length, 1);
  for (const stop of stops) stop();
});
