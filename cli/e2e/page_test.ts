/** TripPlanner's page in a real browser. */
import { equal, match, ok } from "node:assert/strict";
import { launch } from "puppeteer-core";
import { installed } from "./installed.ts";
import { PLAN, withTripPlanner } from "./trip_planner_fixture.ts";

const browserPath = installed("chromium", "chromium-browser", "google-chrome");
const ignore = browserPath === undefined;

Deno.test("the page shows a plan as it is written, goes on with it, and says what failed", {
  ignore,
}, async () => {
  await withTripPlanner(async ({ mesh, claude, addressOf }) => {
    const browser = await launch({
      executablePath: String(browserPath),
      args: ["--no-sandbox", "--disable-gpu"],
    });
    try {
      const page = await browser.newPage();
      const problems: string[] = [];
      page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
      page.on("pageerror", (error) => problems.push(String(error)));
      await page.goto(await addressOf("gateway"));
      const text = (selector: string) =>
        page.$eval(
          selector,
          (element: { textContent: string | null }) => element.textContent ?? "",
        );
      const shown = (words: string) =>
        page.waitForSelector(`::-p-xpath(//section[contains(., ${JSON.stringify(words)})])`);

      claude.push({ text: PLAN, slow: true });
      await page.locator("input[name=destination]").fill("Kyoto");
      await page.locator("#trip button[type=submit]").click();
      await page.waitForSelector("#waiting:not([hidden])");
      claude.release(1);
      await shown("Day 1: temples.");
      ok(!(await text("#plan")).includes("gardens"));
      claude.release(1);
      await shown("Day 2: gardens.");
      ok(!(await text("#plan")).includes("Specialist"));
      claude.release(1);
      await page.waitForSelector("#change:not([hidden])");
      match(
        await text("#plan"),
        /Day 3: markets.*Specialist Insights.*1850.*Nishiki.*Start early/s,
      );

      await page.locator("#change input").fill("<b>Less</b> walking");
      await page.locator("#change button").click();
      await page.waitForFunction("document.querySelectorAll('#plan article').length === 2");
      await page.waitForSelector("#plan[aria-busy=false]");
      // What people and agents write is text.
      match(await text("#plan .asked"), /^<b>Less<\/b> walking$/);

      equal((await mesh.run("stop", "planner-agent")).code, 0);
      await page.locator("#trip button[type=submit]").click();
      await page.waitForSelector("#error:not([hidden])");
      match(await text("#error"), /^That did not work: trip_planning/);
      // A refusal is told in the console too, and nothing else is.
      equal(problems.filter((problem) => !problem.includes("503")).join("\n"), "");
    } finally {
      await browser.close();
    }
  });
});
