/** The pages of `meshctl man`: every command, in a copy of the repository. */
import assert from "node:assert/strict";
import { TOPICS } from "../../cli/man/topics.ts";
import { checkout } from "./checkout.ts";
import { fences } from "./fence.ts";
import { Reader } from "./reader.ts";
import { processTest } from "../fixtures/process_tests.ts";

processTest("the commands of meshctl man print what its pages show", async () => {
  await using copy = await checkout();
  for (const { name, text } of TOPICS) {
    const reader = new Reader(`cli/man/${name}.md`, copy);
    for (const fence of fences(text)) {
      if (fence.language !== "ts") await reader.follow(fence);
    }
  }
  const left = await copy.run("meshctl stop");
  assert.match(left.output, /Nothing is running/, "a page leaves something running");
});
