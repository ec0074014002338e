import { deepEqual, equal, match } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataLimit, dataUse } from "./data_limit.ts";
import type { DataSize } from "./data_size.ts";
import type { DataUse } from "./plan.ts";

const MIB = 1024 ** 2;
const LIMIT = 2 * MIB;

Deno.test("dataUse() closes a folder that is above its limit, or cannot be measured", () => {
  const table: [DataSize, string | undefined][] = [
    [{ bytes: 0, isWhole: true }, undefined],
    [{ bytes: LIMIT, isWhole: true }, undefined],
    [
      { bytes: LIMIT + 1, isWhole: true },
      "keeps 3 MiB in its data folder, more than its limit of 2 MiB",
    ],
    [
      { bytes: 8 * MIB, isWhole: false },
      "keeps at least 8 MiB in its data folder, more than its limit of 2 MiB",
    ],
    [
      { bytes: 8 * MIB, isWhole: false, problem: "too deep" },
      "keeps at least 8 MiB in its data folder, more than its limit of 2 MiB",
    ],
    [
      { bytes: 1, isWhole: false, problem: "too deep" },
      "has a data folder that cannot be measured (too deep)",
    ],
  ];
  for (const [size, closed] of table) {
    const { bytes, isWhole } = size;
    deepEqual(dataUse(size, LIMIT), {
      bytes,
      limit: LIMIT,
      is_whole: isWhole,
      ...(closed === undefined ? {} : { closed }),
    });
  }
});

Deno.test("DataLimit looks before it is asked, and says when a folder closes and opens", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mesh-data-"));
  try {
    await writeFile(join(folder, "large"), new Uint8Array(3 * MIB));
    const looks: DataUse[] = [];
    const changes: (string | undefined)[] = [];
    let opened = Promise.withResolvers<void>();
    using limit: DataLimit = new DataLimit({
      folder,
      limitBytes: LIMIT,
      onLook: (use) => looks.push(use),
      onChange: () => {
        changes.push(limit.closed);
        opened.resolve();
      },
      lookMs: 5,
    });
    await limit.looked();
    equal(looks.length, 1);
    match(limit.closed ?? "", /^keeps (3|4) MiB in its data folder/);
    opened = Promise.withResolvers<void>();
    await rm(join(folder, "large"));
    await opened.promise;
    equal(limit.closed, undefined);
    opened = Promise.withResolvers<void>();
    await writeFile(join(folder, "large"), new Uint8Array(3 * MIB));
    await opened.promise;
    deepEqual(changes.map((closed) => closed !== undefined), [true, false, true]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
