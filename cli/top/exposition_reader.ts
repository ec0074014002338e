/**
 * Reads what a program measures, in Prometheus's text format (exposition format 0.0.4).
 *
 * @module
 */

/** One value. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;
const ESCAPES: Readonly<Record<string, string>> = { "\\\\": "\\", '\\"': '"', "\\n": "\n" };

/** The values of a text; lines that are none are passed over. */
export function readExposition(text: string): Sample[] {
  return text.split("\n").flatMap((line): Sample[] => {
    const [, name, labels = "", number = ""] = LINE.exec(line.trim()) ?? [];
    const value = readNumber(number);
    return name === undefined || Number.isNaN(value)
      ? []
      : [{ name, labels: readLabels(labels), value }];
  });
}

function readNumber(text: string): number {
  if (text === "+Inf") return Infinity;
  return text === "-Inf" ? -Infinity : Number(text === "" ? "NaN" : text);
}

function readLabels(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(LABEL)].map(([, name = "", value = ""]) => [
      name,
      value.replace(/\\[\\"n]/g, (escape) => ESCAPES[escape] ?? escape),
    ]),
  );
}
