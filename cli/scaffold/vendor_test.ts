import { deepEqual, throws } from "node:assert/strict";
import { chooseVendor, PRESET_VENDORS } from "./vendor.ts";

Deno.test("chooseVendor() knows hosts and variables of the vendor that a model is of", () => {
  const { hosts, variables, keyVariable } = chooseVendor("claude", undefined);
  deepEqual({ hosts, variables, keyVariable }, {
    hosts: ["api.anthropic.com"],
    variables: ["ANTHROPIC_*", "LITELLM_*"],
    keyVariable: "ANTHROPIC_API_KEY",
  });
});

Deno.test("chooseVendor() has all it needs for every vendor with a usual model", () => {
  for (const name of PRESET_VENDORS) {
    const { hosts, keyVariable, baseUrlVariable, tags } = chooseVendor(name, undefined);
    deepEqual([hosts, [keyVariable, baseUrlVariable], tags].map((list) => list.includes("")), [
      false,
      false,
      false,
    ]);
  }
});

Deno.test("chooseVendor() refuses what nobody can ask", () => {
  throws(() => chooseVendor("cluade", undefined), { code: 2, hint: /claude/ });
  throws(() => chooseVendor("groq", undefined), { code: 2, hint: /--model groq\// });
  throws(() => chooseVendor("claude", "nobody/x"), { code: 2, message: /"nobody\/x"/ });
});
