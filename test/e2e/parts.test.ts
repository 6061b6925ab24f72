import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { IncompleteError } from "../../runner/core/model/errors.ts";
import type { Plan } from "../../runner/core/model/plan.ts";
import type { Connection } from "../../runner/core/model/ports.ts";
import { loadPlan } from "../../runner/plan/load.ts";
import { cove } from "../../runner/providers/cove/connect.ts";
import type { FaultRule } from "../../runner/simulator/faults.ts";
import type { Simulator } from "../../runner/simulator/server.ts";
import { readLookups } from "../../runner/runs/lookups.ts";
import { drive, expectSound, type Drive } from "../support/drive.ts";
import type { ValuesOf } from "../support/runs.ts";

const planFile = (name: string): string => fileURLToPath(new URL(`../support/plans/${name}.yaml`, import.meta.url));

const planOf =
  (name: string, change: (plan: Plan) => Plan = (plan) => plan) =>
  async ({ rootPartner }: Simulator): Promise<Plan> => {
    const catalogueOf = () => Promise.resolve(cove.catalogue());
    const set = [`partner=${rootPartner}`];
    const options = { file: planFile(name), set, env: {}, serviceNames: ["simulator"], catalogueOf };
    return change((await loadPlan(options)).plan);
  };

const roles = ["", "SuperUser", "Administrator", "Manager", "Operator", "Supporter", "Reporter", "Notifier"];
const roleOf: ValuesOf = (simulator, id, up) => {
  const user = simulator.user(id, up);
  return user && { RoleId: roles[user.roleId] };
};

const losses: readonly FaultRule[] = [
  { method: "ModifyUser", nth: 1, fault: "reset-before" },
  { method: "ModifyUser", nth: 2, fault: "reset-after" },
];

const users = (more: Drive = {}) => drive({ simulator: { devices: 60 }, values: roleOf, ...more });

/** The line with one list of users changed on its way. */
function bent(change: (partner: number, items: readonly { id: string; fields: object }[]) => readonly object[]) {
  return (line: Connection): Connection => ({
    ...line,
    [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
    async *pages(list, signal) {
      const [partner] = (list.params as { partnerIds?: readonly number[] }).partnerIds ?? [];
      for await (const page of line.pages(list, signal)) {
        yield (partner === undefined ? page : change(partner, page)) as typeof page;
      }
    },
  });
}

describe("a list that comes in parts", () => {
  it("is asked for some ids at a time, and is one list", async () => {
    const run = await users({ plan: planOf("roles-by-ids"), simulator: { devices: 60, faults: [...losses] } });
    expectSound(run);
    expect(run.changes.length).toBeGreaterThan(3);
    expect(run.end.counts.confirmed).toBe(run.changes.length);
    const { customers } = (await readLookups(run.folder.lookups)) as { customers: readonly number[] };
    const asked = run.evidence.witness.received.filter(({ method }) => method === "EnumerateUsers").length;
    // Once for the list, at least once for the proof, each time in as many calls as it takes.
    expect(asked).toBeGreaterThanOrEqual(2 * Math.ceil((customers.length + 1) / 7));
    const [enumerated] = run.all("enumerated");
    expect(enumerated?.lookups?.of).toEqual([{ name: "customers", rows: customers.length }]);
    const ids = run.evidence.inventory.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("is one list for each element, which every item carries along", async () => {
    const run = await users({ plan: planOf("roles-for-each"), simulator: { devices: 60, faults: [...losses] } });
    expectSound(run);
    expect(run.changes.length).toBeGreaterThan(3);
    expect(run.end.counts.confirmed).toBe(run.changes.length);
    for (const { item, each } of run.changes) {
      expect(each).toEqual({ Id: item.PartnerId, Name: item.customer });
      expect(item.ours).toBe(true);
    }
    // Two answers were lost: the reads that settled them made the same of each user.
    expect(run.all("read").filter(({ why }) => why === "settle").length).toBeGreaterThanOrEqual(2);
  });

  it("has what each item carries along when it is looked at again before the change", async () => {
    const run = await users({ plan: planOf("roles-for-each"), job: { recheck: true } });
    expectSound(run);
    expect(run.end.counts).toMatchObject({ confirmed: run.changes.length, drifted: 0 });
    for (const { found } of run.all("read")) expect(found).toMatchObject({ ours: true });
  });

  it("is nothing at all when the list of one element can not be read", async () => {
    const faults: FaultRule[] = [{ method: "EnumerateUsers", nth: 4, fault: "error", data: 13501, message: "no" }];
    const run = await users({ plan: planOf("roles-for-each"), simulator: { devices: 60, faults } });
    expect(run.error).toBeInstanceOf(IncompleteError);
    expect((run.error as Error).message).toMatch(/^The list of \{"Id":\d+,"Name":".+"\}: EnumerateUsers could not/);
    expect(run.received).toEqual([]);
    expect(run.all("enumerated")).toEqual([]);
  });

  it("has an item once that two elements have alike", async () => {
    let twin: { id: string; fields: object } | undefined;
    const connection = bent((_, items) => {
      const before = twin;
      twin ??= items[0];
      return before === undefined ? items : [...items.filter(({ id }) => id !== before.id), before];
    });
    const run = await users({ plan: planOf("roles-by-ids"), seams: { connection } });
    expectSound(run);
    expect(run.evidence.inventory.filter(({ id }) => id === twin?.id)).toHaveLength(1);
  });

  it("is refused, with both elements named, when they do not have an item alike", async () => {
    let first: { id: string; fields: object } | undefined;
    const connection = bent((_, items) => {
      const before = first;
      first ??= items[0];
      return before === undefined ? items : [{ ...before, fields: { ...before.fields, EmailAddress: "x@y" } }];
    });
    const run = await users({ plan: planOf("roles-for-each"), seams: { connection } });
    expect(run.error).toBeInstanceOf(IncompleteError);
    expect((run.error as Error).message).toMatch(/^\d+ is in two lists .*: that of \{"Id".* and that of \{"Id"/);
    expect(run.received).toEqual([]);
  });

  it("is refused when there are not as many items as there must be", async () => {
    const counted = (total: number) =>
      planOf("roles-by-ids", (plan) => {
        return { ...plan, enumerate: { ...plan.enumerate, total: () => total } };
      });
    const run = await users({ plan: counted(3) });
    expect(run.error).toBeInstanceOf(IncompleteError);
    expect((run.error as Error).message).toMatch(/^The list has \d+ items; enumerate.total says 3/);
  });
});
