import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openWorkspace, type FactOf, type RunEvent, type Workspace } from "../../runner/index.ts";
import { labelsPlan, newLabels, type Labels } from "../support/labels.ts";
import { collect, newFolder } from "../support/runs.ts";

const config = `rollcall: 1
services:
  labels:
    kind: labels
    url: http://127.0.0.1:1/labels
    late: 100ms
    lag: { list: 50ms, by_id: 20ms }
    limits: { timeout: 300ms }
`;

async function opened(labels: Labels, plan = labelsPlan): Promise<Workspace & { readonly cwd: string }> {
  const cwd = newFolder();
  writeFileSync(join(cwd, "rollcall.config.yaml"), config);
  writeFileSync(join(cwd, "plan.yaml"), plan);
  const workspace = await openWorkspace({ cwd, env: { CI: "" }, providers: [labels.provider] });
  return Object.assign(workspace, { cwd });
}

async function apply(workspace: Workspace): Promise<readonly RunEvent[]> {
  return collect(workspace.apply(await workspace.loadPlan("plan.yaml"), { consent: () => true }));
}

const endOf = (events: readonly RunEvent[]) =>
  events.findLast((event): event is FactOf<"end"> => event.type === "end")!;
const readsOf = (events: readonly RunEvent[]) =>
  events.filter((event): event is FactOf<"read"> => event.type === "read").map(({ id, seen }) => `${id} ${seen}`);

const uncertain = { class: "uncertain", code: "gone", message: "the line broke" } as const;

describe("a field that is looked up", () => {
  it("is looked up again by every pass that proves it", async () => {
    const labels = newLabels(8);
    labels.labelled.add(2).add(8);
    await using workspace = await opened(labels);
    const events = await apply(workspace);
    expect(endOf(events)).toMatchObject({ exit: 0, counts: { confirmed: 4, already: 1, "filtered-out": 3 } });
    expect([...labels.labelled].sort()).toEqual([1, 2, 3, 4, 5, 8]);
    // Once for the list, and once for each pass.
    const passes = events.filter((event) => event.type === "pass" && event.phase === "begin").length;
    expect(labels.asked()).toBe(1 + passes);
    expect(endOf(await apply(workspace))).toMatchObject({ exit: 0, counts: { already: 5, confirmed: 0 } });
  });

  it("settles lost answers: what was done is done, what was not is sent again", async () => {
    const tries = new Map<number, number>();
    const labels = newLabels(5, {
      send: (id) => {
        const attempt = (tries.get(id) ?? 0) + 1;
        tries.set(id, attempt);
        const isLost = id <= 2 && attempt === 1;
        return {
          isMade: id !== 1 || attempt > 1,
          answer: isLost ? { kind: "lost", failure: uncertain } : { kind: "accepted" },
        };
      },
    });
    await using workspace = await opened(labels);
    const events = await apply(workspace);
    expect(endOf(events)).toMatchObject({ exit: 0, counts: { confirmed: 5 } });
    expect(readsOf(events)).toEqual(expect.arrayContaining(["1 before", "2 after"]));
    expect([tries.get(1), tries.get(2)]).toEqual([2, 1]);
    expect(await workspace.audit("latest")).toMatchObject({ ok: true });
  });

  it("is looked up again right before a change that was reviewed", async () => {
    const labels = newLabels(5);
    await using workspace = await opened(labels);
    const file = join(workspace.cwd, "changes.ndjson");
    await collect(workspace.preview(await workspace.loadPlan("plan.yaml"), { out: { file } }));
    labels.labelled.add(3);
    const events = await collect(workspace.apply(await workspace.loadChangeSet(file), { consent: () => true }));
    expect(endOf(events)).toMatchObject({ exit: 0, counts: { confirmed: 4, already: 1 } });
  });

  it("that can not be looked up leaves what was sent unjudged until it can", async () => {
    let isDown = false;
    const failure = { ...uncertain, message: "asleep" };
    const labels = newLabels(3, {
      send: () => {
        isDown = true;
        return { isMade: true, answer: { kind: "accepted" } };
      },
      tell: (value, began) => (isDown ? { kind: "failed", failure } : { kind: "result", value, began }),
    });
    await using workspace = await opened(labels, labelsPlan.replace("within: 3s", "within: 300ms"));
    const events = await apply(workspace);
    expect(endOf(events)).toMatchObject({ counts: { confirmed: 0, pending: 3 } });
    expect(events.find((event) => event.type === "waiting")).toMatchObject({
      why: "not judged yet: Lookup labelled: WithLabel could not be read: asleep",
    });
    isDown = false;
    expect(endOf(await collect(workspace.verify("latest")))).toMatchObject({ exit: 0, counts: { confirmed: 3 } });
  });

  it.each([
    ["has no rows when there is no such thing", "not_found", true, { counts: { confirmed: 5 } }],
    ["refuses the run when it fails otherwise", "reject", true, "Lookup labelled: WithLabel could not be read: none"],
    ["refuses the run without optional", "not_found", false, "Lookup labelled: WithLabel could not be read: none"],
  ] as const)("%s", async (_, failureClass, isOptional, expected) => {
    const failure = { class: failureClass, code: "7", message: "none" };
    const labels = newLabels(5, {
      tell: (value, began) => (value.length === 0 ? { kind: "failed", failure } : { kind: "result", value, began }),
    });
    const plan = isOptional ? labelsPlan : labelsPlan.replace("    optional: true\n", "");
    await using workspace = await opened(labels, plan);
    if (typeof expected !== "string") expect(endOf(await apply(workspace))).toMatchObject(expected);
    else {
      await expect(apply(workspace)).rejects.toMatchObject({ code: "incomplete", message: expected });
      expect(labels.labelled.size).toBe(0);
    }
  });
});
