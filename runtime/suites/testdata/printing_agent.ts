import { agent, tool } from "mesh";
import { z } from "zod";

export default agent({
  name: "printing",
  tools: {
    print: tool({ input: z.object({ lines: z.number() }) }, ({ lines }, { log }) => {
      for (let line = 0; line < lines; line += 2) {
        console.log("x");
        log.info("x");
      }
    }),
  },
});
