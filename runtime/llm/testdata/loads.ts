/** Tells whether the vendors' package has been loaded, after "mesh" and then after the package itself. */
import "mesh";

const PACKAGE = Symbol.for("openai.node.providerDefinitions.v1");

const isLoaded = () => PACKAGE in globalThis;

const before = isLoaded();
await import("openai");
// Workers have no typed global scope here.
(globalThis as unknown as { postMessage(message: unknown): void })
  .postMessage({ before, after: isLoaded() });
