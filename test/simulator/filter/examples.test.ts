import { afterAll, beforeAll, expect, it } from "vitest";
import { startSimulator } from "../../../runner/simulator/server.ts";
import type { Simulator } from "../../../runner/simulator/server.ts";
import { idsOf, PlainClient } from "../client.ts";

/** Values of one device by column, "" where it has none. */
type Row = Readonly<Record<(typeof columns)[number], string>>;

const columns = [
  "AU",
  "AN",
  "AL",
  "AT",
  "PN",
  "PD",
  "OT",
  "TS",
  "I78",
  "T3",
  "T7",
  "US",
  "AS",
  "OI",
  "OP",
  "AA2500",
  "AA2048",
] as const;
const ago = (days: number) => Math.floor(Date.now() / 1000) - days * 86_400;

let simulator: Simulator;
let client: PlainClient;
let rows: (Row & { readonly id: number })[];
let known: number;

beforeAll(async () => {
  simulator = await startSimulator({ devices: 600 });
  client = await PlainClient.loggedIn(simulator);
  for (const [place, id] of simulator.ids().entries()) {
    if (place % 7 === 0) simulator.edit(id, { usedStorage: 0 });
    if (place % 50 === 0) simulator.edit(id, { lastTimestamp: ago(5) });
    if (place % 60 === 1) simulator.edit(id, { lastTimestamp: ago(40), usedStorage: 0 });
  }
  const empty = Object.fromEntries(columns.map((code) => [code, ""]));
  rows = (await client.rows({ Columns: columns })).map((row) => ({
    ...(Object.assign({}, empty, ...row.Settings) as Row),
    id: row.AccountId,
  }));
  known = rows[17]!.id;
});
afterAll(() => simulator.close());

const number = (text: string) => Number(text || 0);

it.each<[string, (row: Row) => boolean, number]>([
  ["AT == 1 AND PN != 'Documents'", (row) => row.AT === "1" && row.PN !== "Documents", 200],
  ["OT == 2", (row) => row.OT === "2", 100],
  ["(T7 >= 1) AND (TS > 7.days().ago())", (row) => number(row.T7) >= 1 && number(row.TS) > ago(7), 5],
  ["I78 =~ '*D01*' AND I78 =~ '*D10*'", (row) => row.I78.includes("D01") && row.I78.includes("D10"), 20],
  [
    "( OT == 0 ) OR ( TS < 90.days().ago() ) OR ( TS < 30.days().ago() AND US == 0 AND T3 == 0 )",
    (row) =>
      row.OT === "0" ||
      number(row.TS) < ago(90) ||
      (number(row.TS) < ago(30) && number(row.US) === 0 && number(row.T3) === 0),
    60,
  ],
  [
    "(AS == 0) AND ((AT == 1) AND (OT != 2)) AND (TS <= 90.days().ago())",
    (row) => number(row.AS) === 0 && row.AT === "1" && row.OT !== "2" && number(row.TS) <= ago(90),
    10,
  ],
  ["OI == 13 AND OP == 'Documents'", (row) => row.OI === "13" && row.OP === "Documents", 20],
  ["AA2500", (row) => row.AA2500 !== "", 30],
  ["!(AA2048 == '')", (row) => row.AA2048 !== "", 30],
  ["PD != Product.Documents", (row) => row.PD !== "2", 300],
  ["AL =~ '?da''s desk'", (row) => row.AL === "Ada's desk", 5],
  ["AN =~ 'srv-0000[0-4]?'", (row) => /^srv-0000[0-4].$/.test(row.AN), 10],
])("%s", async (filter, selects, atLeast) => {
  const selected = rows.filter(selects).map(({ id }) => id);
  expect(selected.length).toBeGreaterThanOrEqual(atLeast);
  expect(selected.length).toBeLessThan(rows.length);
  expect(idsOf(await client.rows({ Filter: filter }))).toEqual(selected);
  const counted = await client.list({ Filter: "", Totals: [`COUNT(${filter})`] });
  expect(counted.result.totalStatistics).toEqual([{ [`COUNT(${filter})`]: String(selected.length) }]);
});

it("AU == 12345", async () => {
  expect(idsOf(await client.rows({ Filter: `AU == ${known}` }))).toEqual([known]);
  expect(await client.rows({ Filter: "AU == 12345" })).toEqual([]);
});

it("ANY =~ '*text*' looks through every column with text, and not at installation keys", async () => {
  simulator.edit(known, { customColumns: '[[844,"Mr Xylophone"]]' });
  expect(idsOf(await client.rows({ Filter: "ANY =~ '*Xylophone*'" }))).toEqual([known]);
  expect(idsOf(await client.rows({ Filter: "ANY =~ 'Mr*'" }))).toEqual([known]);
  const [row] = await client.rows({ Filter: `AU == ${known}`, Columns: ["QW"] });
  expect(await client.rows({ Filter: `ANY =~ '${row.Settings[0].QW}'` })).toEqual([]);
});

it("counts time back from the clock of the service", async () => {
  await using ahead = await startSimulator({ devices: 40, clockOffsetMs: 86_400_000 * 1000, epoch: ago(0) });
  const other = await PlainClient.loggedIn(ahead);
  expect(await other.rows({ Filter: "TS < 700.days().ago()" })).toHaveLength(40);
  expect(await other.rows({ Filter: "TS < 1300.days().ago()" })).toEqual([]);
});
