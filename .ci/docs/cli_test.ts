import { pageTest } from "./reader.ts";

pageTest("cli/README.md");
