import { describe, expect, it } from "vitest";
import { CoveCatalogue } from "../../../runner/providers/cove/catalogue.ts";
import { coveReference } from "../../../runner/providers/cove/reference.ts";
import { load } from "../../support/plan.ts";

const options = { catalogueOf: () => Promise.resolve(new CoveCatalogue()) };
const list = "enumerate:\n  call: EnumerateAccountStatistics\n  fields: [device_id]\n";

/** A whole plan around an example. Every input it uses is a text: the examples say where a value goes, not which. */
function around(example: string, rest: string): string {
  const names = new Set([...example.matchAll(/inputs\.(\w+)/g)].map(([, name]) => name ?? ""));
  const inputs = [...names].map((name) => `  ${name}: { type: string, default: x }\n`).join("");
  return `rollcall: 1\nname: x\nservice: cove\n${inputs === "" ? "" : `inputs:\n${inputs}`}${rest}${example}`;
}

describe("examples", () => {
  it("of every change that plans can make are plans without a fault", async () => {
    const changes = coveReference.methods().filter(({ kind, example }) => kind === "change" && example !== undefined);
    expect(changes.length).toBeGreaterThan(90);
    for (const { name, example = "" } of changes) {
      await expect(load(around(example, `${list}filter: true\n`), options), name).resolves.toBeDefined();
    }
  });

  it("of every column that is a field are plans without a fault", async () => {
    const change = "change:\n  call: ModifyAccount\n  params: { accountInfo: {} }\n  expect: accepted\n";
    const columns = coveReference.columns().filter(({ example }) => example !== undefined);
    expect(columns.length).toBeGreaterThan(100);
    for (const { name, example = "" } of columns) {
      await expect(load(around(example, change), options), name).resolves.toBeDefined();
    }
  });
});

it("has the same columns as the catalogue, under every spelling", () => {
  const devices = new CoveCatalogue().list("EnumerateAccountStatistics")!;
  for (const name of devices.fieldNames) expect(coveReference.column(name), name).toBeDefined();
  for (const spelling of ["PD", "I9", "F6", "D1F7", "D9F00", "AA12", "AccountId"]) {
    expect(coveReference.column(spelling), spelling).toBeDefined();
  }
  for (const spelling of ["nonsense", "S0", "D99F00", "__proto__"])
    expect(coveReference.column(spelling)).toBeUndefined();
});
