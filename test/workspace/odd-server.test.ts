import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { RunEvent } from "../../runner/core/model/events.ts";
import { openWorkspace } from "../../runner/workspace.ts";
import { demoPlan } from "../support/cli.ts";
import { startRpcServer, type Answering, type Asked, type RpcServer } from "../support/rpc-server.ts";
import { collect, newFolder } from "../support/runs.ts";

interface Device {
  readonly Id: number;
  ProductId: number;
}

/** Sorted as text, pages of three, refuses to look behind the end, HTTP 400 for errors, texts for numbers, legacy codes. */
function startOddCove(devices: readonly Device[]): Promise<RpcServer> {
  const rows = devices.toSorted((left, right) => (String(left.Id) < String(right.Id) ? -1 : 1));
  const refuse = (asked: Asked, { raw }: Answering, message: string): void =>
    raw(`\uFEFF${JSON.stringify({ id: asked.id, error: { code: -32603, message } })}`, 400);
  const list = (asked: Asked, answering: Answering): void => {
    const start = Number(asked.params.query.StartRecordNumber);
    if (start >= rows.length) refuse(asked, answering, "StartRecordNumber is out of range");
    else answering.result({ result: rows.slice(start, start + 3).map(rowOf), totalStatistics: null });
  };
  const modify = (asked: Asked, answering: Answering): void => {
    const { Id, ProductId } = asked.params.accountInfo;
    for (const one of devices) if (one.Id === Id && Id !== 101) one.ProductId = ProductId;
    if (Id === 101) refuse(asked, answering, "Product isn&apos;t available");
    else answering.result({});
  };
  return startRpcServer((asked, answering) => {
    if (asked.method === "Login") answering.result({ result: { Id: 7, PartnerId: 5 } }, { visa: 'ä"\\' });
    else if (asked.method === "EnumerateAccountStatistics") list(asked, answering);
    else if (asked.method === "ModifyAccount") modify(asked, answering);
    else refuse(asked, answering, "Method not found");
  });
}

function rowOf({ Id, ProductId }: Device): object {
  const settings = { PD: String(ProductId), OT: "1", AT: "1", AN: `pc-${Id}`, ZZ: "?" };
  return {
    AccountId: String(Id),
    PartnerId: "5",
    Settings: Object.entries(settings).map(([key, value]) => ({ [key]: value })),
  };
}

it("an odd server is believed as far as it goes: what it did is what is claimed", async () => {
  const devices = [98, 99, 100, 101, 102, 103, 104].map((Id) => ({ Id, ProductId: 3 }));
  await using server = await startOddCove(devices);
  const cwd = newFolder();
  const service = `{ kind: simulator, url: "${server.url}" }`;
  writeFileSync(join(cwd, "rollcall.config.yaml"), `rollcall: 1\nservices:\n  odd: ${service}\n`);
  await using workspace = await openWorkspace({ cwd, env: { CI: "" } });
  const file = join(cwd, "plan.yaml");
  const text = readFileSync(demoPlan, "utf8").replace("max_percent: 50", "max_percent: 100");
  writeFileSync(file, text.replace("within: 2m, every: 10s", "within: 2s, every: 250ms"));
  const plan = await workspace.loadPlan(file, {
    set: ["partner=5", "from=3", "to=4"],
    service: "odd",
  });
  const consent = () => Promise.resolve({ given: true, how: "library" } as const);
  const events: readonly RunEvent[] = await collect(workspace.apply(plan, { consent }));
  expect(devices.filter(({ ProductId }) => ProductId === 4)).toHaveLength(6);
  expect(events.find(({ type }) => type === "end")).toMatchObject({ exit: 6, counts: { confirmed: 6, rejected: 1 } });
});
