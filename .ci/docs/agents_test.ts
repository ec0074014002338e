import { pageTest } from "./reader.ts";

pageTest("agents/README.md");
