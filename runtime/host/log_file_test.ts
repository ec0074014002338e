import assert from "node:assert/strict";
import { LogFile, OLDER_LOGS, olderLog } from "./log_file.ts";

Deno.test("LogFile begins a new file when one is full, and keeps some older ones", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/a.log`;
    await Deno.writeTextFile(path, "before\n");
    using log = new LogFile(path, 20);
    const lines = Array.from({ length: 40 }, (_, number) => `line ${number} ü`);
    for (const line of lines) log.write(line);
    const generations = [
      path,
      ...Array.from({ length: OLDER_LOGS }, (_, n) => olderLog(path, n + 1)),
    ];
    const texts = await Promise.all(generations.map((each) => Deno.readTextFile(each)));
    const kept = texts.toReversed().join("");
    const wrote = ["before", ...lines].join("\n") + "\n";
    assert.ok(wrote.endsWith(kept), kept);
    for (const text of texts) assert.ok(new TextEncoder().encode(text).length < 40, text);
    assert.equal((await Array.fromAsync(Deno.readDir(folder))).length, 1 + OLDER_LOGS);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("LogFile appends to what is there, and throws for what cannot be written", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/logs/a.log`;
    using log = new LogFile(path);
    assert.throws(() => log.write("lost"), Deno.errors.NotFound);
    await Deno.mkdir(`${folder}/logs`);
    log.write("one");
    using other = new LogFile(path);
    other.write("two");
    log.write("three");
    assert.equal(await Deno.readTextFile(path), "one\ntwo\nthree\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
