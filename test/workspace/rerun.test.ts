import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../runner/core/model/events.ts";
import type { Connection } from "../../runner/core/model/ports.ts";
import type { ItemState } from "../../runner/core/model/outcome.ts";
import { collect } from "../support/runs.ts";
import { changesReceived, ended, estate, yes, type Estate } from "../support/workspace.ts";

const apply = { consent: yes };
const again = (...only: ItemState[]) => ({ consent: yes, only });

/** `count` devices, some of whose changes the service refuses: they end `rejected`. */
async function withRejected(here: Estate, count: number, refused: readonly number[]) {
  const ids = here.movable(count);
  const items = refused.map((place) => ids[place] ?? 0);
  here.simulator.setFaults([{ method: "ModifyAccount", item: items, fault: "error", data: 13501 }]);
  const first = await ended(here, here.workspace.apply(await here.plan(ids), apply));
  here.simulator.setFaults([]);
  return { ids, first, rejected: items.map(String) };
}

const previewOf = (events: readonly RunEvent[]) =>
  events.find((event): event is Extract<RunEvent, { type: "preview" }> => event.type === "preview");

describe("rerun", () => {
  it("takes up the rejected items alone, in a run of its own that names the first", async () => {
    await using here = await estate();
    const { first, rejected } = await withRejected(here, 20, [3, 7]);
    expect(first.end.counts.rejected).toBe(2);
    const second = await ended(here, here.workspace.rerun(first.run, again("rejected")));
    expect(second.in("confirmed")).toEqual(rejected);
    expect(second.end).toMatchObject({ exit: 0, conserved: true, sealed: true });
    expect(second.records[0]).toMatchObject({
      type: "start",
      from: { kind: "rerun", run: first.run, only: ["rejected"] },
    });
    expect(second.violations).toEqual([]);
    expect(changesReceived(here.simulator)).toHaveLength(22);
    expect((await here.workspace.audit(second.run)).ok).toBe(true);
  });

  it("takes up what a limit kept from being started", async () => {
    await using here = await estate();
    const ids = here.movable(30);
    here.simulator.setFaults([{ method: "ModifyAccount", item: ids[0] ?? 0, fault: "error" }]);
    const plan = await here.plan(ids, { file: strict(here) });
    const first = await ended(here, here.workspace.apply(plan, apply));
    expect(first.end.notStarted.limit).toBeGreaterThan(0);
    here.simulator.setFaults([]);
    const second = await ended(here, here.workspace.rerun(first.run, again("rejected", "not-started")));
    expect(second.end.exit).toBe(0);
    expect(second.end.counts.confirmed + first.end.counts.confirmed).toBe(30);
  });

  it("waits until nothing of the first run can take effect before it reads, and sends what is still old", async () => {
    await using here = await estate();
    const ids = here.movable(6);
    // Every answer is lost, and nothing is done: after three tries nobody can say more.
    here.simulator.setFaults([{ method: "ModifyAccount", item: ids.slice(0, 2), fault: "hang" }]);
    const first = await ended(here, here.workspace.apply(await here.plan(ids), apply));
    expect(first.in("unknown")).toEqual(ids.slice(0, 2).map(String));
    here.simulator.setFaults([]);
    const last = first.records.at(-1)?.t ?? 0;
    const second = await ended(here, here.workspace.rerun(first.run, again("unknown")));
    expect(second.in("confirmed")).toEqual(ids.slice(0, 2).map(String));
    // Deadline, lateness and age of the list, from the last record of the first run.
    const began = second.records.find((record) => record.type === "enumerated")?.t ?? 0;
    expect(began - last).toBeGreaterThanOrEqual(400 + 200 + 200);
    expect(second.violations).toEqual([]);
  });

  it("says what is gone from the list, and finds as desired what somebody else has done", async () => {
    await using here = await estate();
    const { first, rejected } = await withRejected(here, 10, [1, 2, 3]);
    here.simulator.remove(Number(rejected[0]));
    here.simulator.edit(Number(rejected[1]), { productId: 4 });
    const second = await ended(here, here.workspace.rerun(first.run, again("rejected")));
    expect(previewOf(second.events)).toMatchObject({ missing: 1, counts: { selected: 1, already: 1 } });
    expect(second.in("confirmed")).toEqual([rejected[2]]);
  });

  it("can be interrupted and resumed like any run", async () => {
    await using here = await estate({ latencyMs: 20 });
    const { first } = await withRejected(here, 20, [0, 1, 2, 3, 4, 5, 6, 7]);
    for await (const event of here.workspace.rerun(first.run, again("rejected"))) if (event.type === "outcome") break;
    const second = await ended(here, here.workspace.resume("latest"));
    expect(second.run).not.toBe(first.run);
    expect(second.end.counts).toMatchObject({ confirmed: 8, "not-started": 0 });
    expect(second.violations).toEqual([]);
  });

  it("is refused while the first run is not over, when there is nothing of that kind, and for a mere preview", async () => {
    await using here = await estate({ latencyMs: 20 });
    const ids = here.movable(10);
    for await (const event of here.workspace.apply(await here.plan(ids), apply)) if (event.type === "outcome") break;
    await expect(collect(here.workspace.rerun("latest", again("not-started")))).rejects.toMatchObject({
      code: "stale",
      hint: expect.stringContaining("resume") as string,
    });
    const first = await ended(here, here.workspace.resume("latest"));
    await expect(collect(here.workspace.rerun(first.run, again("rejected")))).rejects.toMatchObject({ exitCode: 5 });
    const previewed = await collect(here.workspace.preview(await here.plan(ids)));
    const run = previewed.find((event) => event.type === "run")?.run ?? "";
    await expect(collect(here.workspace.rerun(run, again("not-started")))).rejects.toMatchObject({ code: "stale" });
  });

  it("never sends a change again that may not be repeated and may have been done", async () => {
    await using here = await estate();
    const ids = here.movable(3);
    const load = (where: Estate) => {
      const plan = join(where.cwd, "plan.yaml");
      writeFileSync(plan, onceOnly);
      return where.workspace.loadPlan(plan, { service: "simulator", set: ["partner=4001", `ids=${ids.join(",")}`] });
    };
    const once = { method: "QueueSomething", repeat: "once" } as const;
    const first = await ended(here, here.workspace.apply(await load(here), apply), once);
    // The simulator knows no such call: it says no, clearly.
    expect(first.in("rejected")).toHaveLength(3);
    const second = await ended(here, here.workspace.rerun(first.run, again("rejected")), once);
    expect(second.in("rejected")).toHaveLength(3);
    await using deaf = await here.elsewhere({ seams: { connection: losingAnswers } });
    const third = await ended(deaf, deaf.workspace.apply(await load(deaf), apply), once);
    expect(third.in("unknown").length).toBeGreaterThan(0);
    await expect(collect(deaf.workspace.rerun(third.run, again("rejected", "unknown")))).rejects.toMatchObject({
      code: "stale",
      message: expect.stringContaining("may not be sent twice") as string,
      hint: expect.stringContaining("--only rejected") as string,
    });
  });
});

/** A line on which every change is sent and no answer arrives. */
const losingAnswers = (connection: Connection): Connection => ({
  ...connection,
  write: async (request, options) => {
    const answer = await connection.write(request, options);
    if (answer.kind === "withdrawn") return answer;
    return { kind: "lost", failure: { class: "uncertain", code: "reset", message: "the connection was cut" } };
  },
  [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
});

/** A plan that stops at the first error. */
function strict(here: Estate): string {
  const path = join(here.cwd, "strict.yaml");
  writeFileSync(
    path,
    `rollcall: 1
name: strict
service: simulator
inputs:
  partner: { type: integer }
  from: { type: integer }
  to: { type: integer }
  ids: { type: list, of: integer }
enumerate:
  call: EnumerateAccountStatistics
  params:
    query:
      PartnerId: \${{ inputs.partner }}
  fields: [device_id, product_id]
filter: item.device_id in inputs.ids
change:
  set:
    product_id: \${{ inputs.to }}
  call: ModifyAccount
  params:
    accountInfo:
      Id: \${{ item.device_id }}
      ProductId: \${{ set.product_id }}
pace: { concurrency: 2 }
stop: { errors: 0 }
verify: { within: 4s, every: 150ms }
`,
  );
  return path;
}

const onceOnly = `rollcall: 1
name: once
service: simulator
allow_undocumented: true
inputs:
  partner: { type: integer }
  ids: { type: list, of: integer }
enumerate:
  call: EnumerateAccountStatistics
  params:
    query:
      PartnerId: \${{ inputs.partner }}
  fields: [device_id, device_name]
filter: item.device_id in inputs.ids
change:
  call: QueueSomething
  params:
    accountId: \${{ item.device_id }}
  expect: accepted
stop: { errors: 50, consecutive: 50, unknown: 50 }
`;
