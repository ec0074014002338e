import { deepEqual, ok } from "node:assert/strict";
import { cellWidth } from "./cells.ts";
import { createPalette } from "./colour.ts";
import { renderTable } from "./table.ts";

const plain = createPalette(false);

Deno.test("renderTable() aligns by content and leaves no trailing blanks", () => {
  const columns = [{ title: "NAME" }, { title: "CAPS", align: "right" as const }, { title: "X" }];
  deepEqual(
    renderTable(columns, [["flight-agent", "1/1", ""], ["é", "10/10", "y"]], { palette: plain }),
    [
      "NAME           CAPS  X",
      "----------------------",
      "flight-agent    1/1",
      "é             10/10  y",
    ],
  );
});

Deno.test("renderTable() aligns and cuts by the cells that ideographs and emoji take", () => {
  const columns = [{ title: "NAME" }, { title: "N", align: "right" as const }, { title: "X" }];
  const rows = [["天気予報サービス", "十", "a"], ["🇯🇵 tokyo", "7", "b"]];
  deepEqual(renderTable(columns, rows, { palette: plain }), [
    "NAME               N  X",
    "-----------------------",
    "天気予報サービス  十  a",
    "🇯🇵 tokyo           7  b",
  ]);
  deepEqual(renderTable(columns, rows, { palette: plain, columns: 16, rule: false }), [
    "NAME        N  X",
    "天気予報…  十  a",
    "🇯🇵 tokyo    7  b",
  ]);
});

Deno.test("renderTable() does not count colour codes as width", () => {
  const cell = { text: "ok", colour: "green" as const };
  deepEqual(
    renderTable([{ title: "STATUS" }, { title: "B" }], [[cell, "b"]], {
      palette: createPalette(true),
      rule: false,
    }),
    ["STATUS  B", "\x1b[32mok\x1b[0m      b"],
  );
});

Deno.test("renderTable() shortens the widest columns to keep to a width", () => {
  const columns = [{ title: "ID" }, { title: "TEXT" }];
  const rows = [["a", "a very long text indeed"], ["b", "short"]];
  deepEqual(renderTable(columns, rows, { palette: plain, columns: 16, rule: false }), [
    "ID  TEXT",
    "a   a very long…",
    "b   short",
  ]);
  deepEqual(
    renderTable(columns, rows, { palette: plain, columns: 5, rule: false })[1],
    "a  a…",
  );
});

Deno.test("renderTable() leaves columns out by rank where there is no room, and says so", () => {
  const columns = [
    { title: "NAME", least: 6 },
    { title: "STATUS" },
    { title: "ENDPOINT", least: 15, rank: 2 },
    { title: "AGE", rank: 1 },
  ];
  const rows = [["flight", "healthy", "127.0.0.1:40001", "1m"]];
  const at = (width: number) =>
    renderTable(columns, rows, { palette: plain, columns: width, rule: false, whole: "-o wide" });
  deepEqual(at(37), [
    "NAME    STATUS   ENDPOINT         AGE",
    "flight  healthy  127.0.0.1:40001  1m",
  ]);
  deepEqual(at(36), [
    "NAME    STATUS   ENDPOINT",
    "flight  healthy  127.0.0.1:40001",
    "No room for AGE (-o wide shows all)",
  ]);
  deepEqual(at(20), [
    "NAME    STATUS",
    "flight  healthy",
    "No room for",
    "ENDPOINT, AGE (-o",
    "wide shows all)",
  ]);
});

Deno.test("renderTable() is never wider than it may be", () => {
  const columns = ["ONE", "TWO", "THREE"].map((title) => ({ title }));
  const rows = [["天気予報サービス", "a long text", "x"]];
  for (let width = 9; width < 40; width++) {
    for (const line of renderTable(columns, rows, { palette: plain, columns: width })) {
      ok(cellWidth(line) <= width, `${width}: ${line}`);
    }
  }
});
