/**
 * What counts and measures. An instrument has a series for each combination of its labels' values;
 * a series is asked for once and kept by whoever is in a hurry: counting with it is an addition.
 *
 * @module
 */
import { type Family, numberText, type Sample } from "./exposition.ts";

/** What an instrument is; names are OpenTelemetry's in Prometheus's spelling. */
export interface InstrumentDefinition<Label extends string = string> {
  /** With the unit at its end, and `_total` for counters: `http_server_request_duration_seconds`. */
  readonly name: string;
  /** One line. */
  readonly help: string;
  /** Names of the labels. @default none */
  readonly labels?: readonly Label[];
}

/** What a histogram is. */
export interface HistogramDefinition<Label extends string = string>
  extends InstrumentDefinition<Label> {
  /** Upper bounds, ascending; one that takes everything is added. */
  readonly bounds: readonly number[];
}

/** A value for each label. */
export type LabelValues<Label extends string> = { readonly [Name in Label]: string };

/** Series of an instrument at most (OpenTelemetry's default); further ones are counted together. */
export const SERIES_MAX = 2_000;
/** The label of the series that stands for all above {@linkcode SERIES_MAX} (OpenTelemetry SDK). */
const OVERFLOW: Sample["labels"] = [["otel_metric_overflow", "true"]];

/** The series of one instrument, by the values of its labels. */
class SeriesTable<Label extends string, Series> {
  readonly #names: readonly Label[];
  readonly #create: () => Series;
  readonly #series = new Map<string, { labels: Sample["labels"]; series: Series }>();
  #overflow: { labels: Sample["labels"]; series: Series } | undefined;

  constructor(names: readonly Label[] | undefined, create: () => Series) {
    this.#names = names ?? [];
    this.#create = create;
    // One without labels is there from the start: 0 says more than nothing.
    if (this.#names.length === 0) this.#series.set("", { labels: [], series: create() });
  }

  get(values: LabelValues<Label>): Series {
    let key = "";
    for (const name of this.#names) key += `${values[name]}\0`;
    const known = this.#series.get(key);
    if (known !== undefined) return known.series;
    if (this.#series.size >= SERIES_MAX) {
      return (this.#overflow ??= { labels: OVERFLOW, series: this.#create() }).series;
    }
    const labels = this.#names.map((name) => [name, values[name]] as const);
    const series = this.#create();
    this.#series.set(key, { labels, series });
    return series;
  }

  clear(): void {
    this.#series.clear();
    this.#overflow = undefined;
  }

  *[Symbol.iterator](): Generator<{ labels: Sample["labels"]; series: Series }> {
    yield* this.#series.values();
    if (this.#overflow !== undefined) yield this.#overflow;
  }
}

/** A number that can be added to. */
export class NumberSeries {
  value = 0;

  /** Adds. @param by Of a counter not below 0. @default 1 */
  add(by = 1): void {
    this.value += by;
  }
}

/** Counts what happens: only ever grows. */
export class Counter<Label extends string = never> {
  readonly definition: InstrumentDefinition<Label>;
  readonly #table: SeriesTable<Label, NumberSeries>;
  readonly #observe: ((counter: Counter<Label>) => void) | undefined;

  /** @param observe Brings its series up to date whenever they are read. */
  constructor(
    definition: InstrumentDefinition<Label>,
    observe?: (counter: Counter<Label>) => void,
  ) {
    this.definition = definition;
    this.#table = new SeriesTable(definition.labels, () => new NumberSeries());
    this.#observe = observe;
  }

  /** The series of these labels. */
  with(labels: LabelValues<Label>): NumberSeries {
    return this.#table.get(labels);
  }

  /** Its numbers. */
  family(): Family {
    this.#observe?.(this);
    const { name, help } = this.definition;
    const samples = [...this.#table].map(({ labels, series: { value } }) => ({ labels, value }));
    return { name, help, type: "counter", samples };
  }
}

/** Says how much there is: grows and shrinks. */
export class Gauge<Label extends string = never> {
  readonly definition: InstrumentDefinition<Label>;
  readonly #table: SeriesTable<Label, NumberSeries>;
  readonly #observe: ((gauge: Gauge<Label>) => void) | undefined;

  /** @param observe Sets all series whenever they are read; those it does not set are gone. */
  constructor(definition: InstrumentDefinition<Label>, observe?: (gauge: Gauge<Label>) => void) {
    this.definition = definition;
    this.#table = new SeriesTable(definition.labels, () => new NumberSeries());
    this.#observe = observe;
  }

  /** The series of these labels. */
  with(labels: LabelValues<Label>): NumberSeries {
    return this.#table.get(labels);
  }

  /** Sets a series. */
  set(labels: LabelValues<Label>, value: number): void {
    this.#table.get(labels).value = value;
  }

  /** Its numbers. */
  family(): Family {
    if (this.#observe !== undefined) {
      this.#table.clear();
      this.#observe(this);
    }
    const { name, help } = this.definition;
    const samples = [...this.#table].map(({ labels, series: { value } }) => ({ labels, value }));
    return { name, help, type: "gauge", samples };
  }
}

/** How often values fell below each bound. */
export class HistogramSeries {
  readonly #bounds: readonly number[];
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  /** Takes note of a value. */
  observe(value: number): void {
    const bounds = this.#bounds;
    let at = 0;
    while (at < bounds.length && value > (bounds[at] ?? Infinity)) at++;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sum += value;
  }

  /** Its numbers. */
  samples(labels: Sample["labels"]): Sample[] {
    let total = 0;
    const buckets = [...this.#counts].map((count, at): Sample => {
      total += count;
      const bound = numberText(this.#bounds[at] ?? Infinity);
      return { suffix: "_bucket", labels: [...labels, ["le", bound]], value: total };
    });
    return [
      ...buckets,
      { suffix: "_sum", labels, value: this.#sum },
      { suffix: "_count", labels, value: total },
    ];
  }
}

/** Measures: how values are distributed. */
export class Histogram<Label extends string = never> {
  readonly definition: HistogramDefinition<Label>;
  readonly #table: SeriesTable<Label, HistogramSeries>;

  constructor(definition: HistogramDefinition<Label>) {
    this.definition = definition;
    const { bounds } = definition;
    this.#table = new SeriesTable(definition.labels, () => new HistogramSeries(bounds));
  }

  /** The series of these labels. */
  with(labels: LabelValues<Label>): HistogramSeries {
    return this.#table.get(labels);
  }

  /** Its numbers. */
  family(): Family {
    const { name, help } = this.definition;
    const samples = [...this.#table].flatMap(({ labels, series }) => series.samples(labels));
    return { name, help, type: "histogram", samples };
  }
}
