import { beforeAll, describe, expect, it } from "vitest";
import type { LedgerRecord } from "../../runner/core/model/events.ts";
import type { Connection } from "../../runner/core/model/ports.ts";
import { check, type Evidence, type Received } from "../support/oracle.ts";
import { drive, productsOf, type Drive, type Driven } from "../support/drive.ts";

/** The oracle is only worth something if it notices: each mutant is a run that is wrong in one way. */

const patient = { errors: 9, consecutive: 9, unknown: 9, driftedPercent: 100 };

type Record = LedgerRecord;
type Of<T extends Record["type"]> = Extract<Record, { type: T }>;

/** A run with everything in it: an item sent again, one settled as done, one rejected, one turned away, one withdrawn. */
let rich: Driven;
let stopped: Driven;

beforeAll(async () => {
  const stop = patient;
  rich = await drive({
    simulator: {
      latencyMs: 10,
      faults: [
        { method: "ModifyAccount", nth: 3, fault: "reset-before" },
        { method: "ModifyAccount", nth: 5, fault: "reset-after" },
        { method: "ModifyAccount", nth: 7, fault: "error", data: 13501 },
        { method: "ModifyAccount", nth: 9, fault: "http-429" },
      ],
    },
    plan: productsOf({ count: 14, stop, pace: { concurrency: 3 } }),
  });
  stopped = await drive({
    simulator: {
      devices: 200,
      latencyMs: 10,
      faults: [{ method: "ModifyAccount", fault: "error", data: 13501, nth: [8, 9, 10] }],
    },
    plan: productsOf({ stop: { ...stop, errors: 1 }, pace: { concurrency: 3 } }),
  });
  expect([rich.violations, stopped.violations]).toEqual([[], []]);
});

const is =
  <T extends Record["type"]>(type: T, when: (record: Of<T>) => boolean = () => true) =>
  (record: Record): record is Of<T> =>
    record.type === type && when(record as Of<T>);

const placeOf = (records: readonly Record[], matches: (record: Record) => boolean): number => {
  const place = records.findIndex(matches);
  if (place === -1) throw new Error("the run has no such record to break");
  return place;
};

/** Drop the first record that matches. */
const without =
  (matches: (record: Record) => boolean) =>
  (records: readonly Record[]): Record[] =>
    records.toSpliced(placeOf(records, matches), 1);
/** The same record twice. */
const twice =
  (matches: (record: Record) => boolean) =>
  (records: readonly Record[]): Record[] => {
    const place = placeOf(records, matches);
    return records.toSpliced(place, 0, records[place]!);
  };
const changed =
  <T extends Record["type"]>(matches: (record: Record) => record is Of<T>, change: (record: Of<T>) => object) =>
  (records: readonly Record[]): Record[] => {
    const place = placeOf(records, matches);
    const found = records[place] as Of<T>;
    return records.with(place, { ...found, ...change(found) });
  };
const moved =
  (matches: (record: Record) => boolean, before: (record: Record) => boolean) =>
  (records: readonly Record[]): Record[] => {
    const place = placeOf(records, matches);
    const rest = records.toSpliced(place, 1);
    return renumbered(rest.toSpliced(placeOf(rest, before), 0, records[place]!));
  };
/** Passes are compared by seq; intents keep theirs. */
const renumbered = (records: readonly Record[]): Record[] =>
  records.map((record, place) =>
    record.type === "pass" || record.type === "outcome" ? { ...record, seq: place + 1 } : record,
  );

const lost = is("outcome", ({ kind }) => kind === "lost");
const accepted = is("outcome", ({ kind }) => kind === "accepted");

const ledgerMutants: { readonly [name: string]: readonly [string, (records: readonly Record[]) => Record[]] } = {
  "the settling read that allowed a resend is missing": ["I4", without(is("read", ({ seen }) => seen === "before"))],
  "the settling read of an item that was done is missing": ["I1", without(is("read", ({ seen }) => seen === "after"))],
  "a settling read was begun before the request had run out of time": [
    "I4",
    changed(
      is("read", ({ seen }) => seen === "before"),
      ({ began }) => ({ began: began - 400 }),
    ),
  ],
  "a settling read is said to have begun later than it was written": [
    "I4",
    changed(
      is("read", ({ seen }) => seen === "before"),
      ({ began }) => ({ began: began + 5000 }),
    ),
  ],
  "a sent mark is missing": ["I3", without(is("sent"))],
  "a sent mark is there twice": ["I3", twice(is("sent"))],
  "an intent is missing": ["I3", without(is("intent"))],
  "an outcome is missing": ["I1", without(accepted)],
  "an outcome is there twice": ["I3", twice(accepted)],
  "a lost answer is booked as accepted": ["I14", changed(lost, () => ({ kind: "accepted" }))],
  "a rejected answer is booked as not-acted": [
    "I1",
    changed(
      is("outcome", ({ kind }) => kind === "rejected"),
      () => ({ kind: "not-acted" }),
    ),
  ],
  "an item is confirmed without a verdict": ["I1", without(is("verdict", ({ seen }) => seen === "after"))],
  "a pass began before the last answer": [
    "I16",
    moved(
      is("pass", ({ phase }) => phase === "begin"),
      accepted,
    ),
  ],
  "a pass never ended": [
    "I16",
    (records) => records.filter((record) => !(record.type === "pass" && record.phase === "end")),
  ],
  "a pass was not complete": [
    "I16",
    (records) => records.map((record) => (record.type === "pass" ? { ...record, complete: false } : record)),
  ],
  "the end counts one more as confirmed": [
    "I1",
    changed(is("end"), ({ counts }) => ({
      counts: { ...counts, confirmed: counts.confirmed + 1, rejected: counts.rejected - 1 },
    })),
  ],
  "the end says exit 0": ["I18", changed(is("end"), () => ({ exit: 0, exits: [] }))],
  "the end says that something else changed": [
    "I18",
    changed(is("end"), ({ collateral }) => ({ collateral: { ...collateral, found: 1 } as Of<"end">["collateral"] })),
  ],
  "what else changed was never looked at": ["I18", without(is("collateral"))],
  "something was sent after what else changed was looked at": ["I18", moved(is("collateral"), is("sent"))],
  "an item is told that changed for nobody": [
    "I18",
    (records) => {
      const place = placeOf(records, is("collateral"));
      const items = [{ id: "1", title: "", fields: {} }];
      const also = { ...records[place]!, type: "also", what: "touched", cause: "unknown", items } as unknown as Record;
      return records.toSpliced(place, 0, also);
    },
  ],
  "the end is called unsealed": ["I18", changed(is("end"), ({ sealed }) => ({ sealed: !sealed }))],
  "more were under way than there are slots": [
    "I9",
    changed(is("start"), ({ facts }) => ({ facts: { ...facts, concurrency: 1 } })),
  ],
  "more intents were ahead than allowed": [
    "I9",
    changed(is("start"), ({ facts }) => ({ facts: { ...facts, margin: 0 } })),
  ],
  "an intent belongs to another wave": ["I12", changed(is("intent"), () => ({ wave: 7 }))],
  "the lock was taken twice by the same generation": ["I15", twice(is("lock"))],
  "a resume took no later generation of the lock": [
    "I15",
    (records) => {
      const { generation } = records[placeOf(records, is("lock"))] as Of<"lock">;
      return [...records, { ...records.at(-1)!, type: "resume", generation, owner: startOf(records).owner } as Record];
    },
  ],
  "the run began twice": ["I14", twice(is("start"))],
  "the list was selected from twice": ["I14", twice(is("selected"))],
  "a done change is booked as rejected": [
    "I8",
    (records) => {
      const { index } = records[placeOf(records, accepted)] as Of<"outcome">;
      return changed(accepted, () => ({ kind: "rejected" }))(records).map((record) =>
        record.type === "verdict" && record.indexes.includes(index) ? { ...record, seen: "before" } : record,
      );
    },
  ],
  "an item that is there is called vanished": [
    "I16",
    changed(
      is("verdict", ({ seen }) => seen === "after"),
      () => ({ seen: "absent" }),
    ),
  ],
  "the enumeration is one row longer": ["I1", changed(is("enumerated"), ({ rows }) => ({ rows: rows + 1 }))],
  "the new value was settled with, and then sent again": [
    "I14",
    (records) => {
      const { index } = records[placeOf(records, accepted)] as Of<"outcome">;
      const mark =
        records[
          placeOf(
            records,
            is("sent", ({ intents }) => intents.some((seq) => intentOf(records, seq)?.index === index)),
          )
        ]!;
      return records.toSpliced(
        placeOf(
          records,
          is("wave", ({ phase }) => phase === "end"),
        ),
        0,
        mark,
      );
    },
  ],
};

const startOf = (records: readonly Record[]): Of<"start"> => records[placeOf(records, is("start"))] as Of<"start">;
const intentOf = (records: readonly Record[], seq: number): Of<"intent"> | undefined =>
  records.find((record): record is Of<"intent"> => record.type === "intent" && record.seq === seq);

const stoppedMutants: typeof ledgerMutants = {
  "a withdrawal is missing": ["I1", without(is("withdrawn"))],
  "a withdrawal is there twice": ["I3", twice(is("withdrawn"))],
  "a call left after the limit": ["I10", moved(is("limit"), is("sent"))],
  "a call left after the stop": ["I10", moved(is("stopped"), is("sent"))],
  "the limit's number is not over what is tolerated": [
    "I11",
    changed(is("limit"), ({ tolerated }) => ({ value: tolerated })),
  ],
  "the limit says that nothing was in flight": [
    "I11",
    (records) =>
      changed(is("limit"), ({ tolerated }) => ({ value: tolerated + 1, inFlight: 0 }))(records).map((record) =>
        record.type === "outcome" && record.kind === "accepted" ? ({ ...record, kind: "rejected" } as Record) : record,
      ),
  ],
  "why items were not started is not said": ["I18", changed(is("end"), () => ({ notStarted: {} }))],
  "the reason is not that of the stop": [
    "I18",
    changed(is("end"), ({ counts }) => ({ notStarted: { crash: counts["not-started"] } })),
  ],
  "a reason is given for too many": [
    "I18",
    changed(is("end"), ({ notStarted }) => ({ notStarted: { ...notStarted, login: 3 } })),
  ],
};

const applied = ({ effect }: Received): boolean => effect !== undefined;

const witnessMutants: { readonly [name: string]: readonly [string, (evidence: Evidence) => Evidence] } = {
  "a request nobody intended": ["I3", received((all) => [...all, { ...all.find(applied)!, rpcId: "someone-else" }])],
  "a request for an item that was filtered out": [
    "I2",
    (evidence) => {
      const { id } = evidence.inventory.find(({ as }) => as === "filtered-out")!;
      return received((all) => [...all, { ...all.find(applied)!, item: id }])(evidence);
    },
  ],
  "the same request, sent twice": ["I3", received((all) => [...all, all.find(applied)!])],
  "a change that was applied twice": [
    "I6",
    received((all) => {
      const first = all.find(applied)!;
      return [...all, { ...first, arrived: first.arrived + 1, effect: first.effect! + 1 }];
    }),
  ],
  "an accepted change that never took effect": [
    "I8",
    received((all) => all.map((call) => ({ ...call, effect: undefined }))),
  ],
  "a confirmed item that holds something else": [
    "I7",
    (evidence) => ({ ...evidence, witness: { ...evidence.witness, valueNow: () => ({ product_id: 99 }) } }),
  ],
  "a confirmed item that never held the value": [
    "I7",
    (evidence) => ({ ...evidence, witness: { ...evidence.witness, valueAt: () => ({ product_id: 99 }) } }),
  ],
  "more at the service than there are slots": [
    "I9",
    (evidence) => ({ ...evidence, witness: { ...evidence.witness, maxInFlight: 4 } }),
  ],
  "two attempts at a `once`": ["I5", (evidence) => ({ ...evidence, repeat: "once" })],
  "a `once` that was sent again": ["I5", (evidence) => ({ ...evidence, repeat: "once" })],
  "a row of the inventory is missing": ["I1", (evidence) => ({ ...evidence, inventory: evidence.inventory.slice(1) })],
  "a key is in the inventory twice": [
    "I1",
    (evidence) => ({ ...evidence, inventory: [...evidence.inventory.slice(1), evidence.inventory[5]!] }),
  ],
};

function received(change: (all: readonly Received[]) => readonly Received[]) {
  return (evidence: Evidence): Evidence => {
    const { witness } = evidence;
    return { ...evidence, witness: { ...witness, received: change(witness.received) } };
  };
}

function expectFound(violations: readonly string[], invariant: string): void {
  expect(violations.map((line) => line.split(":")[0])).toContain(invariant);
}

describe("the oracle notices in the evidence that", () => {
  for (const [name, [invariant, mutate]] of Object.entries(ledgerMutants)) {
    it(`${name} (${invariant})`, () => {
      expectFound(check({ ...rich.evidence, records: mutate(rich.records) }), invariant);
    });
  }
  for (const [name, [invariant, mutate]] of Object.entries(stoppedMutants)) {
    it(`${name} (${invariant})`, () => {
      expectFound(check({ ...stopped.evidence, records: mutate(stopped.records) }), invariant);
    });
  }
  for (const [name, [invariant, mutate]] of Object.entries(witnessMutants)) {
    it(`the service saw ${name} (${invariant})`, () => {
      expectFound(check(mutate(rich.evidence)), invariant);
    });
  }
});

/** Words of the witness that excuse an item: without them the same evidence must be a violation. */
const excuses: { readonly [name: string]: readonly [string, Drive, (call: Received) => Received] } = {
  "I8 the service said yes and did nothing": [
    "I8",
    { simulator: { faults: [{ method: "ModifyAccount", nth: 2, fault: "no-effect" }] } },
    ({ fault: _fault, ...call }) => call,
  ],
  "I8 the service said no and did it": [
    "I8",
    {
      simulator: { faults: [{ method: "ModifyAccount", nth: 2, fault: "error-after-apply", data: 13501 }] },
      // The list does not show it before the run is over.
      plan: productsOf({ count: 5, stop: patient, verify: { withinMs: 0, everyMs: 50 } }),
      service: { lag: { listMs: 60_000, byIdMs: 0 } },
    },
    ({ fault: _fault, ...call }) => call,
  ],
  "I6 the read that allowed it was older than declared": [
    "I6",
    {
      simulator: {
        faults: [
          { method: "ModifyAccount", nth: 2, fault: "reset-after" },
          { method: "GetAccountInfoById", fault: "stale", ms: 60_000 },
        ],
      },
    },
    ({ asOf, ...call }) => (asOf === undefined ? call : { ...call, asOf: call.arrived }),
  ],
};

describe("the oracle excuses only what the witness explains:", () => {
  for (const [rule, [invariant, more, silence]] of Object.entries(excuses)) {
    it(rule, async () => {
      const { plan = productsOf({ count: 5, stop: patient, verify: { withinMs: 300, everyMs: 100 } }) } = more;
      const simulator = rule.includes("no and did it") ? { ...more.simulator, lagMs: 60_000 } : more.simulator;
      const run = await drive({ ...more, plan, ...(simulator && { simulator }) });
      const told: string[] = [];
      expect(check(run.evidence, (excuse) => told.push(excuse))).toEqual([]);
      expect(told).toEqual([rule]);
      const { witness } = run.evidence;
      const silent = { ...run.evidence, witness: { ...witness, received: witness.received.map(silence) } };
      expectFound(check(silent), invariant);
    });
  }
});

/** Ports that do what broken code would do. */
const brokenLines: { readonly [name: string]: readonly [string, (line: Connection) => Partial<Connection>, Drive?] } = {
  "sends without asking whether it may": [
    "I3",
    (line) => ({
      write: (request, options) => line.write(request, { ...options, ready: () => Promise.resolve(true) }),
    }),
  ],
  "sends every change twice": [
    "I3",
    (line) => ({
      write: async (request, options) => {
        await line.write(request, options);
        return line.write(request, { ...options, ready: () => Promise.resolve(true) });
      },
    }),
  ],
  "calls a lost answer not acted": [
    "I6",
    (line) => ({
      write: async (request, options) => {
        const answer = await line.write(request, options);
        return answer.kind === "lost" ? { ...answer, kind: "not-acted" } : answer;
      },
    }),
    { simulator: { faults: [{ method: "ModifyAccount", nth: 2, fault: "reset-after" }] } },
  ],
  "believes a read at once": [
    "I4",
    (line) => ({
      read: async (...args) => ({ ...(await line.read(...args)), began: 1e12, lagMs: 0 }),
    }),
    { simulator: { faults: [{ method: "ModifyAccount", nth: 2, fault: "reset-before" }] } },
  ],
  "says that it was accepted, and sends nothing": [
    "I3",
    () => ({ write: () => Promise.resolve({ kind: "accepted" }) }),
  ],
  "reads back what was asked for instead of what is there": [
    "I7",
    (line) => ({
      pages: async function* (list, signal) {
        for await (const page of line.pages(list, signal))
          yield page.map((item) => ({
            ...item,
            fields: { ...item.fields, product_id: verifying ? 4 : item.fields.product_id! },
          }));
      },
    }),
    { simulator: { faults: [{ method: "ModifyAccount", fault: "no-effect" }] } },
  ],
};
let verifying = false;

describe("the oracle notices a line that", () => {
  for (const [name, [invariant, broken, more]] of Object.entries(brokenLines)) {
    it(`${name} (${invariant})`, async () => {
      verifying = false;
      const run = await drive({
        plan: productsOf({ count: 5, verify: { withinMs: 300, everyMs: 100 } }),
        ...more,
        seams: {
          connection: (line) => ({
            login: line.login,
            skewMs: line.skewMs,
            pages: (list, signal) => line.pages(list, signal),
            ask: (request, signal) => line.ask(request, signal),
            read: (...args) => line.read(...args),
            write: (request, options) => line.write(request, options),
            [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
            ...broken(line),
          }),
        },
        on: (event) => {
          if (event.type === "wave") verifying = true;
        },
      });
      expect(run.error).toBeUndefined();
      expectFound(run.violations, invariant);
    });
  }
});
