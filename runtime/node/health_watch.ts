/**
 * The health check of an agent, run over and over while the agent is up.
 *
 * @module
 */
import type { Log } from "../base/log.ts";
import type { Host } from "../boundary/host.ts";
import type { CheckVerdict } from "../define/health_check.ts";
import type { Member } from "./member.ts";

/** Options of {@linkcode HealthWatch}. */
export interface HealthWatchOptions {
  readonly host: Pick<Host, "check">;
  /** Gets the verdicts. */
  readonly member: Member;
  readonly log: Log;
  /** Runs when a verdict differs from the one before. */
  readonly onVerdict: () => void;
}

/** Looks after the health of one agent. */
export class HealthWatch implements Disposable {
  readonly #options: HealthWatchOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looks = 0;

  constructor(options: HealthWatchOptions) {
    this.#options = options;
  }

  /** Runs the check now, and again after the configured time if the agent declares one. */
  async look(): Promise<void> {
    const { host, member, log, onVerdict } = this.#options;
    if (member.state !== "up") return;
    clearTimeout(this.#timer);
    const look = ++this.#looks;
    const health = await host.check("health");
    // A look that began later has the newer verdict.
    if (look !== this.#looks) return;
    const before = healthText(member.health);
    const now = healthText(health);
    member.update({ health });
    if (now !== before) {
      log("warn", `health is ${now}`);
      onVerdict();
    }
    if (member.state !== "up" || !member.manifest.healthCheck) return;
    this.#timer = setTimeout(() => void this.look(), member.config.healthCheckMs);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

/** Returns a verdict as a phrase of a log line. */
function healthText({ status, errors = [] }: CheckVerdict): string {
  return errors.length === 0 ? status : `${status}: ${errors.join("; ")}`;
}
