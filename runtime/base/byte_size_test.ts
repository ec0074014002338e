import { equal } from "node:assert/strict";
import { byteSize } from "./byte_size.ts";

const SIZES: readonly [text: string, bytes: number | undefined][] = [
  ["536870912", 536_870_912],
  ["0", 0],
  ["512MiB", 536_870_912],
  ["512 mib", 536_870_912],
  ["512Mi", 536_870_912],
  ["512MB", 512_000_000],
  ["1.5GiB", 1_610_612_736],
  ["64KiB", 65_536],
  ["7B", 7],
  ["512M", undefined],
  ["1TiB", undefined],
  ["-1", undefined],
  ["1e9", undefined],
  ["", undefined],
  ["MiB", undefined],
  ["9".repeat(400), undefined],
  ["512MiB, or so", undefined],
];

for (const [text, bytes] of SIZES) {
  Deno.test(`byteSize(${JSON.stringify(text.slice(0, 20))}) is ${bytes}`, () => {
    equal(byteSize(text), bytes);
  });
}
