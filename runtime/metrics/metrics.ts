/**
 * All metrics of one registry or agent.
 *
 * Own code rather than a library: `prom-client` takes 0.8 µs for an observation where a call or a
 * heartbeat takes 15 to 30, and 40 ms of every start.
 *
 * @module
 */
import { exposition, type Family } from "./exposition.ts";
import {
  Counter,
  Gauge,
  Histogram,
  type HistogramDefinition,
  type InstrumentDefinition,
} from "./instruments.ts";

/** Instruments, and what they say together. */
export class Metrics {
  readonly #instruments: { family(): Family }[] = [];

  /**
   * Adds a counter.
   *
   * @param observe Brings its series up to date whenever they are read. @default it is added to
   */
  counter<Label extends string = never>(
    definition: InstrumentDefinition<Label>,
    observe?: (counter: Counter<Label>) => void,
  ): Counter<Label> {
    return this.#added(new Counter(definition, observe));
  }

  /**
   * Adds a gauge.
   *
   * @param observe Sets all its series whenever they are read. @default it is set from outside
   */
  gauge<Label extends string = never>(
    definition: InstrumentDefinition<Label>,
    observe?: (gauge: Gauge<Label>) => void,
  ): Gauge<Label> {
    return this.#added(new Gauge(definition, observe));
  }

  /** Adds a histogram. */
  histogram<Label extends string = never>(
    definition: HistogramDefinition<Label>,
  ): Histogram<Label> {
    return this.#added(new Histogram(definition));
  }

  /** What they say now, as Prometheus reads it. */
  text(): string {
    return exposition(this.#instruments.map((instrument) => instrument.family()));
  }

  #added<Instrument extends { family(): Family }>(instrument: Instrument): Instrument {
    this.#instruments.push(instrument);
    return instrument;
  }
}
