import { expect, it, vi } from "vitest";
import type { FieldFacts } from "../../../runner/core/model/catalogue.ts";
import { IncompleteError } from "../../../runner/core/model/errors.ts";
import type { Answer } from "../../../runner/core/model/outcome.ts";
import type { Connection } from "../../../runner/core/model/ports.ts";
import type { FaultKind } from "../../../runner/simulator/faults.ts";
import { itemId } from "../../../runner/core/model/item.ts";
import { Secret } from "../../../runner/core/model/secret.ts";
import { cove } from "../../../runner/providers/cove/connect.ts";
import { defaultLogin, startSimulator } from "../../../runner/simulator/server.ts";
import { never, outsideFor, serviceFor } from "../../support/rpc-server.ts";

const list = (partner: number, ...names: string[]) => ({
  method: "EnumerateAccountStatistics",
  params: { query: { PartnerId: partner } },
  fields: names.map((name) => cove.catalogue().list("EnumerateAccountStatistics")!.field(name) as FieldFacts),
  key: "device_id",
});
const credentials = () =>
  Promise.resolve({
    partner: new Secret(defaultLogin.partner),
    username: new Secret(defaultLogin.username),
    password: new Secret(defaultLogin.password),
  });

const write = (line: Connection, id: number, call: number): Promise<Answer> =>
  line.write(
    { method: "ModifyAccount", params: { accountInfo: { Id: id, NameAlias: `alias-${call}` } } },
    { id: `run-${call}-1`, ready: () => Promise.resolve(true), reveal: () => "", signal: never },
  );

async function idsOf(line: Connection, partner: number): Promise<number[]> {
  const ids: number[] = [];
  for await (const page of line.pages(list(partner, "device_id"), never)) ids.push(...page.map(({ id }) => Number(id)));
  return ids;
}

it("reads a whole fleet, changes one device, and sees the change by id and in the list", async () => {
  await using simulator = await startSimulator({ devices: 1203, maxPage: 200 });
  await using line = await cove.connect(serviceFor(simulator.url, { credentials }), outsideFor(), never);
  const devices = list(simulator.rootPartner, "device_id", "device_name", "os_type", "product_id", "D09F00", "AA843");
  const items = [];
  for await (const page of line.pages(devices, never)) items.push(...page);
  expect(items).toHaveLength(1203);
  expect(new Set(items.map(({ id }) => id)).size).toBe(1203);
  const [first] = items;
  const other = items.find((item) => item.fields.product_id !== first!.fields.product_id)!;
  const request = {
    method: "ModifyAccount",
    params: { accountInfo: { Id: first!.fields.device_id!, ProductId: other.fields.product_id! } },
  };
  const answer = await line.write(request, {
    id: "run-1-1",
    ready: () => Promise.resolve(true),
    reveal: () => "",
    signal: never,
  });
  expect(answer).toEqual({ kind: "accepted" });
  expect(await line.read(devices, first!.id, ["product_id"], never)).toMatchObject({
    kind: "found",
    source: "GetAccountInfoById",
    fields: { product_id: other.fields.product_id },
  });
  expect(await line.read(devices, first!.id, ["product_id", "device_name"], never)).toMatchObject({
    kind: "found",
    fields: { product_id: other.fields.product_id },
  });
  expect(await line.read(devices, itemId("999999999"), ["device_name"], never)).toMatchObject({ kind: "absent" });
  expect(line.login.partner_id).toBe(simulator.rootPartner);
  expect(Math.abs(line.skewMs!)).toBeLessThan(2000);
});

it("has the next page on its way while one is used, and in a long list one more", async () => {
  await using simulator = await startSimulator({ devices: 5_000 });
  await using line = await cove.connect(serviceFor(simulator.url, { credentials }), outsideFor(), never);
  const asked = (): number => simulator.witness.requests("EnumerateAccountStatistics");
  const aheadOf: number[] = [];
  let pages = 0;
  let rows = 0;
  for await (const page of line.pages(list(simulator.rootPartner, "device_id"), never)) {
    pages += 1;
    rows += page.length;
    // A page is given out when the one behind it has borne it out. It is held until what is under way has arrived.
    const wanted = Math.min(pages + (pages < 3 ? 2 : 3), 12);
    await vi.waitFor(() => expect(asked()).toBeGreaterThanOrEqual(wanted), { timeout: 20_000 });
    aheadOf.push(asked() - pages);
  }
  expect(rows).toBe(5_000);
  expect(aheadOf.slice(0, 2)).toEqual([2, 2]);
  expect(new Set(aheadOf.slice(2, 8))).toEqual(new Set([3]));
  // Eleven pages, the last row alone, and nothing behind it; one guess was wrong.
  expect(asked()).toBeLessThanOrEqual(14);
});

it("reads a long list whole while devices vanish under the pages that are under way", async () => {
  await using simulator = await startSimulator({ devices: 6_000 });
  await using line = await cove.connect(serviceFor(simulator.url, { credentials }), outsideFor(), never);
  const ids = simulator.ids();
  const gone = new Set<number>();
  const found: number[] = [];
  for await (const page of line.pages(list(simulator.rootPartner, "device_id"), never)) {
    found.push(...page.map(({ id }) => Number(id)));
    const victim = found.length > 2_500 && gone.size === 0 ? ids[700]! : undefined;
    if (victim === undefined) continue;
    simulator.remove(victim);
    gone.add(victim);
  }
  expect(found.length).toBe(new Set(found).size);
  expect(ids.filter((id) => !gone.has(id) && !found.includes(id))).toEqual([]);
});

it("carries on through visas that die under twenty calls at once, each change received once", async () => {
  await using simulator = await startSimulator({ devices: 200, visaTtlMs: 60, latencyMs: 4 });
  const outside = outsideFor({ concurrency: 20 });
  await using line = await cove.connect(serviceFor(simulator.url, { credentials }), outside, never);
  const ids = simulator.ids();
  let next = 0;
  const answers: Answer[] = [];
  const slot = async (): Promise<void> => {
    for (let call = next++; call < ids.length; call = next++) answers.push(await acted(ids[call]!, call));
  };
  // On a busy machine a visa can die twice under one call: that is told as not acted, and the caller asks again.
  const acted = async (id: number, call: number): Promise<Answer> => {
    for (;;) {
      const answer = await write(line, id, call);
      if (answer.kind !== "not-acted" || answer.failure.class !== "auth") return answer;
    }
  };
  await Promise.all(Array.from({ length: 20 }, slot));
  await new Promise((resolve) => setTimeout(resolve, 80));
  answers.push(await acted(ids[0]!, 999));
  expect(answers.filter(({ kind }) => kind !== "accepted")).toEqual([]);
  const aliases = ids.map((id) => simulator.device(id)!.nameAlias);
  expect(aliases).toEqual(ids.map((_, call) => `alias-${call === 0 ? 999 : call}`));
  const { entries } = simulator.witness;
  expect(entries.filter(({ errorData }) => errorData === 1701).length).toBeGreaterThan(0);
  const changes = entries.filter(({ method, authenticated }) => method === "ModifyAccount" && authenticated);
  expect(changes).toHaveLength(answers.length);
});

it("tells the truth about every change, whatever becomes of its answer", async () => {
  const kinds: FaultKind[] = [
    "http-429",
    "http-503",
    "reset-before",
    "reset-after",
    "truncated",
    "html",
    "wrong-id",
    "hang",
  ];
  const faults = kinds.map((fault) => ({ method: "ModifyAccount", probability: 0.08, fault }));
  await using simulator = await startSimulator({ devices: 150, faults });
  const limits = { concurrency: 8, timeoutMs: 150, body: 1_000_000, message: 500 };
  const service = serviceFor(simulator.url, { credentials, limits });
  await using line = await cove.connect(service, outsideFor({ concurrency: 30 }), never);
  const ids = simulator.ids();
  const answers = await Promise.all(ids.map((id, call) => write(line, id, call)));
  const applied = ids.map((id, call) => simulator.device(id)!.nameAlias === `alias-${call}`);
  const kindsSeen = new Set(answers.map(({ kind }) => kind));
  expect(kindsSeen).toEqual(new Set(["accepted", "lost", "not-acted"]));
  answers.forEach(({ kind }, call) => {
    if (kind === "accepted") expect(applied[call]).toBe(true);
    if (kind === "not-acted" || kind === "rejected") expect(applied[call]).toBe(false);
  });
});

it.each<FaultKind>(["repeat-first-page", "empty-page", "drop-row", "vanish"])(
  "gives the whole list or none when a page suffers %s",
  async (fault) => {
    for (const nth of [1, 2, 3, 4, [2, 5, 8, 11, 14]]) {
      await using simulator = await startSimulator({ devices: 1100, maxPage: 300 });
      await using line = await cove.connect(serviceFor(simulator.url, { credentials }), outsideFor(), never);
      const row = fault === "drop-row" ? { row: 7 } : {};
      simulator.setFaults([{ method: "EnumerateAccountStatistics", nth, fault, ...row }]);
      const read = await idsOf(line, simulator.rootPartner).catch((error: unknown) => error);
      if (read instanceof IncompleteError) continue;
      expect(new Set(read as number[]).size).toBe((read as number[]).length);
      expect(simulator.ids().filter((id) => !(read as number[]).includes(id))).toEqual([]);
    }
  },
);
