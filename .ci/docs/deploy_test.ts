import { pageTest } from "./reader.ts";

pageTest("deploy/README.md");
