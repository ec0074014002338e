/**
 * The page: asks for plans and shows them as they are written. Text of agents is never markup: every
 * piece of it becomes a text node.
 */

const trip = document.getElementById("trip");
const change = document.getElementById("change");
const plan = document.getElementById("plan");
const waiting = document.getElementById("waiting");
const failure = document.getElementById("error");
const stop = document.getElementById("stop");

/** One conversation a page; a new trip begins another. */
let session = crypto.randomUUID();
/** Ends the request that is under way. */
let ending = null;

trip.addEventListener("submit", (event) => {
  event.preventDefault();
  session = crypto.randomUUID();
  plan.replaceChildren();
  void ask(Object.fromEntries(new FormData(trip)));
});

change.addEventListener("submit", (event) => {
  event.preventDefault();
  const { message } = Object.fromEntries(new FormData(change));
  change.reset();
  plan.append(element("p", { className: "asked" }, message));
  const { destination, dates, budget, from } = Object.fromEntries(new FormData(trip));
  void ask({ destination, dates, budget, from, message });
});

stop.addEventListener("click", () => ending?.abort());

/** Asks for a plan and shows it. */
async function ask(body) {
  ending = new AbortController();
  setBusy(true);
  failure.hidden = true;
  const answer = element("article");
  plan.append(answer);
  try {
    const response = await fetch("/plan", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "accept": "text/event-stream",
        "x-session-id": session,
      },
      body: JSON.stringify(body),
      signal: ending.signal,
    });
    if (!response.ok) throw new Error(await problemOf(response));
    let text = "";
    for await (const { event, data } of eventsOf(response.body)) {
      if (event === "error") throw new Error(JSON.parse(data).error);
      if (data === "[DONE]") {
        change.hidden = false;
        return;
      }
      text += data;
      waiting.hidden = true;
      show(answer, text);
    }
    throw new Error("the connection ended before the plan did");
  } catch (error) {
    const stopped = ending.signal.aborted;
    failure.textContent = stopped ? "Stopped." : `That did not work: ${error.message}`;
    failure.hidden = false;
  } finally {
    setBusy(false);
  }
}

function setBusy(busy) {
  waiting.hidden = !busy;
  stop.hidden = !busy;
  plan.setAttribute("aria-busy", String(busy));
  for (const button of document.querySelectorAll("button[type=submit]")) button.disabled = busy;
}

/** What a refusal says. */
async function problemOf(response) {
  const text = await response.text();
  try {
    return JSON.parse(text).detail ?? text;
  } catch {
    return `HTTP ${response.status} ${text}`;
  }
}

/** The events of a stream (WHATWG HTML §9.2). */
async function* eventsOf(body) {
  let buffer = "";
  for await (const piece of textOf(body)) {
    buffer += piece;
    for (let end; (end = buffer.indexOf("\n\n")) >= 0;) {
      const lines = buffer.slice(0, end).split("\n");
      buffer = buffer.slice(end + 2);
      const valueOf = (name) =>
        lines.filter((line) => line.startsWith(`${name}:`))
          .map((line) => line.slice(name.length + 1).replace(/^ /, ""));
      const data = valueOf("data");
      if (data.length > 0) yield { event: valueOf("event")[0], data: data.join("\n") };
    }
  }
}

async function* textOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

/** Shows the little Markdown that plans are written in. */
function show(parent, text) {
  const blocks = [];
  let list = null;
  for (const line of foldJson(text)) {
    const heading = typeof line === "string" && line.match(/^(#{1,4})\s+(.*)/);
    const item = typeof line === "string" && line.match(/^\s*(?:[-*]|\d+\.)\s+(.*)/);
    if (!item) list = null;
    if (typeof line !== "string") blocks.push(valueView(line.json));
    else if (heading) {
      blocks.push(element(`h${Math.min(heading[1].length + 1, 4)}`, {}, ...inline(heading[2])));
    } else if (/^-{3,}$/.test(line)) blocks.push(element("hr"));
    else if (item) {
      if (!list) blocks.push(list = element("ul"));
      list.append(element("li", {}, ...inline(item[1])));
    } else if (line.trim() !== "") blocks.push(element("p", {}, ...inline(line)));
  }
  parent.replaceChildren(...blocks);
}

/** The lines of a text; what specialists say, which is JSON over several lines, as its value. */
function foldJson(text) {
  const lines = [];
  let json = null;
  for (const line of text.split("\n")) {
    if (json === null && line !== "{") {
      lines.push(line);
      continue;
    }
    json = json === null ? line : `${json}\n${line}`;
    if (line === "}") {
      try {
        lines.push({ json: JSON.parse(json) });
      } catch {
        lines.push(...json.split("\n"));
      }
      json = null;
    }
  }
  // What has not come to its end yet.
  return json === null ? lines : [...lines, ...json.split("\n")];
}

/** A value as people read it. */
function valueView(value) {
  if (Array.isArray(value)) {
    return element("ul", {}, ...value.map((item) => element("li", {}, valueView(item))));
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    const isShort = entries.length <= 3 && entries.every(([, item]) => typeof item !== "object");
    if (isShort) return document.createTextNode(entries.map(([, item]) => item).join(" – "));
    return element(
      "dl",
      {},
      ...entries.flatMap(([name, item]) => {
        const className = typeof item === "number" ? "short" : "";
        return [
          element("dt", { className }, sentenceCase(name)),
          element("dd", { className }, valueView(item)),
        ];
      }),
    );
  }
  return document.createTextNode(String(value));
}

function sentenceCase(name) {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Bold and emphasis within a line. */
function inline(text) {
  return text.split(/(\*\*[^*]+\*\*|\*[^*]+\*|\b_[^_]+_\b)/).map((part) => {
    if (/^\*\*.+\*\*$/.test(part)) return element("strong", {}, part.slice(2, -2));
    if (/^\*.+\*$|^_.+_$/.test(part)) return element("em", {}, part.slice(1, -1));
    return document.createTextNode(part);
  });
}

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
