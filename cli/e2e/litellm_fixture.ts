/**
 * A LiteLLM proxy, the real one, in front of an endpoint.
 *
 * @module
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLineSplitter } from "../../runtime/base/line_splitter.ts";
import { installed } from "./installed.ts";
import { freePort } from "./meshctl.ts";

/** The program; `.ci/run` installs it, and puts it on the path. */
export const LITELLM = installed("litellm");

/** The key that the proxy wants. */
export const PROXY_KEY = "sk-proxy-0123456789";

/** A proxy that runs. */
export interface LiteLlm extends AsyncDisposable {
  readonly url: string;
}

/**
 * Starts a proxy.
 *
 * @param upstream Where its models are.
 * @param key The key for them.
 */
export async function liteLlm(
  models: readonly string[],
  upstream: string,
  key: string,
): Promise<LiteLlm> {
  const home = await mkdtemp(join(tmpdir(), "litellm-"));
  const port = freePort();
  const config = {
    model_list: models.map((model) => ({
      model_name: model,
      litellm_params: { model, api_base: upstream, api_key: key },
    })),
    // Trying again is what the test looks at.
    router_settings: { num_retries: 0 },
    general_settings: { master_key: PROXY_KEY },
  };
  // JSON is YAML.
  await writeFile(join(home, "config.yaml"), JSON.stringify(config));
  const child = new Deno.Command(LITELLM ?? "litellm", {
    args: ["--config", "config.yaml", "--host", "127.0.0.1", "--port", String(port)],
    cwd: home,
    // Nothing of who runs the test, and nothing from the network.
    clearEnv: true,
    env: {
      HOME: home,
      PATH: Deno.env.get("PATH") ?? "",
      LITELLM_LOCAL_MODEL_COST_MAP: "True",
      LITELLM_TELEMETRY: "False",
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const lines: string[] = [];
  const started = Promise.withResolvers<void>();
  const read = async (stream: ReadableStream<Uint8Array>) => {
    const splitter = createLineSplitter();
    for await (const bytes of stream) {
      const read = splitter.push(bytes);
      lines.push(...read);
      if (read.some((line) => line.includes("Uvicorn running on"))) started.resolve();
    }
  };
  const ended = Promise.all([child.status, read(child.stdout), read(child.stderr)]);
  void ended.then(() => started.reject(new Error(`litellm ended:\n${lines.join("\n")}`)));
  const stop = async () => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await ended;
    await rm(home, { recursive: true, force: true });
  };
  try {
    await started.promise;
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: stop };
}
