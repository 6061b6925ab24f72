import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { TestedFile } from "../../runner/core/model/tested.ts";
import { openWorkspace } from "../../runner/workspace.ts";

const plans = resolve(import.meta.dirname, "../support/plans");
const planNamed = (name: string): string => readFileSync(join(plans, `${name}.yaml`), "utf8");

/** A test of a plan, tried in a folder of its own. */
async function tried(plan: string, test: string, files: Readonly<Record<string, string>> = {}): Promise<TestedFile> {
  const cwd = mkdtempSync(join(tmpdir(), "rollcall-plan-tests-"));
  const all = { "plan.yaml": plan, "plan.test.yaml": `rollcall: 1\nplan: plan.yaml\n${test}`, ...files };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(cwd, name), text);
  await using workspace = await openWorkspace({ cwd, env: { ROLLCALL_INPUT_PARTNER: "9" } });
  for await (const file of workspace.test(["plan.test.yaml"])) return file;
  throw new Error("no file was tried");
}

/** All that does not hold, a line each; empty: every case passed. */
function faults({ problems, cases }: TestedFile): string[] {
  return [
    ...problems.map(({ line, message }) => `${line} ${message}`),
    ...cases.flatMap(({ mismatches }) =>
      mismatches.map(({ line, column, about, expected, found }) => {
        return `${line}:${column} ${about}: expected ${expected}, found ${found}`;
      }),
    ),
  ];
}

const devices = `rollcall: 1
name: devices
service: cove
inputs:
  partner: { type: integer }
  to: { type: integer, min: 1 }
  silent: { type: duration, default: 30d }
enumerate:
  call: EnumerateAccountStatistics
  params:
    query: { PartnerId: "\${{ inputs.partner }}" }
  fields:
    device_id: device_id
    os_type: os_type
    product_id: product_id
    used_storage: used_storage
    last_timestamp: last_timestamp
    is_silent: { value: "coalesce(item.last_timestamp, 0) < ago(inputs.silent)", type: boolean }
filter:
  - item.os_type == "workstation"
  - "!item.is_silent"
  - coalesce(item.used_storage, 0) < to_bytes("1 GB")
change:
  set: { product_id: "\${{ inputs.to }}" }
  call: ModifyAccount
  params: { accountInfo: { Id: "\${{ item.device_id }}", ProductId: "\${{ set.product_id }}" } }
`;
const given = `inputs: { partner: 4001, to: 4 }
now: 2026-03-01T00:00Z
every_item: { os_type: workstation, last_timestamp: 2026-02-20, product_id: 3 }
`;

describe("a plan test", () => {
  it("gives fields as a person writes them: times, sizes, names of enums", async () => {
    const test = `${given}cases:
  - name: one
    items:
      - { device_id: 1, used_storage: 1023 MB }
      - { device_id: 2, used_storage: 2 GB }
      - { device_id: 3, last_timestamp: 2026-01-29T23:59 }
      - { device_id: 4, last_timestamp: 2026-01-30 }
      - { device_id: 5, os_type: 2 }
    expect:
      selected: { 1: { product_id: 3 -> 4 }, 4: { product_id: 4 } }
      filtered: { 2: used_storage, 3: is_silent, 5: os_type }
`;
    expect(faults(await tried(devices, test))).toEqual([]);
  });

  it("is of a plan with waves, groups, a hold, a gate and a window as of any other: it waits for none of them", async () => {
    const safe = `${devices}guards: { change_from_last: 20% }
pace: { waves: [1, 10%, 100%], pause: 1h, ramp: double, cover: [os_type], per: product_id, per_concurrency: 1 }
stop: { of: group, groups: 1, on_stop: undo }
hold: { when: item.product_id == 3, give_up: 1d }
gate: { call: EnumerateAccountStatistics, params: { query: { PartnerId: 1 } }, fields: [device_id], wait: 1h, pass: rows.size() == 0 }
window: { days: [mon], from: "22:00", to: "23:00", zone: Europe/Berlin }
verify: { mode: end, collateral: fail }
`;
    const test = `${given}cases:
  - name: one
    items: [{ device_id: 1 }, { device_id: 2 }]
    expect:
      selected: { 1: { product_id: 3 -> 4 }, 2: { product_id: 3 -> 4 } }
    after:
      items: { 1: { product_id: 4 }, 2: { product_id: 4 } }
      expect: { 1: confirmed, 2: confirmed }
`;
    expect(faults(await tried(safe, test))).toEqual([]);
  });

  it("tells what was expected and what was found, with its place, member by member", async () => {
    const test = `${given}cases:
  - name: one
    items: [{ device_id: 1 }, { device_id: 2, os_type: server }, { device_id: 3, product_id: 4 }]
    expect:
      selected: { 1: { product_id: 3 -> 5 }, 2: {} }
      filtered: { 3: os_type }
      requests:
        - method: ModifyAccount
          params: { accountInfo: { Id: 1, ProductId: 5, Name: x } }
        - method: ModifyAccount
      asks: [{ method: EnumerateAccountStatistics, params: { query: { PartnerId: 9 } } }]
      guards: { max: at most 5 }
      allowed: { min: at least 1, max: at most 5, allow_empty: an empty list }
`;
    expect(faults(await tried(devices, test))).toEqual([
      "10:36 item 1, product_id: expected 3 -> 5, found 3 -> 4",
      '10:49 item 2: expected selected, found filtered out: item.os_type == "workstation" (line 20 of the plan)',
      "11:22 item 3: expected filtered out, found already",
      "14:54 request 1 accountInfo.ProductId: expected 5, found 4",
      "14:63 request 1 accountInfo.Name: expected x, found not there",
      "15:11 request 2: expected ModifyAccount {}, found none",
      "16:82 ask 1 query.PartnerId: expected 9, found 4001",
      "17:22 guard max: expected it refuses: … at most 5 …, found the plan has no such guard",
      "18:40 guard max: expected at most 5, found the plan has no such guard",
      "18:64 guard allow_empty: expected an empty list, found the plan has no such guard",
    ]);
  });

  it("is wrong itself where it gives or expects what can not be, and says where", async () => {
    const test = `${given}lookups: { nothing: [] }
cases:
  - name: one
    every_item: { os_typ: server }
    items:
      - { device_id: 1, os_type: workstaton }
      - { device_id: 2, is_silent: true }
      - { device_id: 2 }
      - { device_id: 4, used_storage: much }
      - { used_storage: 1 }
      - { device_id: 5 }
    expect: { selected: [1, 2, 4], already: [1], filtered: [77] }
`;
    expect(faults(await tried(devices, test)).sort()).toEqual(
      [
        "6 the plan looks up nothing called nothing",
        "9 the plan has no field os_typ",
        '11 os_type: "workstaton" is not one of its names',
        "12 is_silent is computed by the plan",
        "13 there are two items 2",
        '14 used_storage: expected a whole number, found "much"',
        "15 this item has no device_id, which is its id",
        "17 nothing is expected of item 5",
        "17 item 1 is expected in two places",
        "17 the case has no item 77",
      ].sort(),
    );
  });

  it("expects nothing of a case only as an error, and takes nothing from the environment", async () => {
    const cases = (one: string): string => `cases:\n  - name: one\n    items: [{ device_id: 1 }]\n    ${one}\n`;
    expect(faults(await tried(devices, cases("expect: {}")))).toEqual([
      "6 cases[0].expect must not be empty, found {}",
    ]);
    expect(faults(await tried(devices, cases("expects: { selected: [1] }")))).toEqual([
      "6 cases[0] has no key expects",
    ]);
    expect(faults(await tried(devices, `inputs: { to: 4 }\n${cases("expect: { selected: [1] }")}`))).toEqual([
      "5 input partner has no value",
    ]);
    expect(faults(await tried(devices, `inputs: { to: 0 }\n${cases("expect: { error: input partner }")}`))).toEqual([]);
    expect(faults(await tried(devices, `${given}${cases("expect: { error: input partner }")}`))).toEqual([
      "9:22 the plan: expected it stops: … input partner …, found it decides",
    ]);
  });

  it("tells a plan that can not be used once, at its place, and tries no case of it", async () => {
    const cases = ["one", "two"].map(
      (name) => `  - { name: ${name}, items: [{ device_id: 1 }], expect: { selected: [1] } }`,
    );
    const { problems, cases: told } = await tried(
      devices.replace("item.used_storage", "item.used_storge"),
      `${given}cases:\n${cases.join("\n")}\n`,
    );
    expect(problems.map(({ code, line }) => `${line} ${code}`)).toEqual(["22 unknown-field"]);
    expect(told.map(({ outcome }) => outcome)).toEqual(["broken", "broken"]);
  });

  it("is not a link to another file, which would be quoted", async () => {
    const cwd = mkdtempSync(join(tmpdir(), "rollcall-plan-tests-"));
    mkdirSync(join(cwd, "inside"));
    writeFileSync(join(cwd, "private.yaml"), "secret-of-ours: hush\n");
    symlinkSync("../private.yaml", join(cwd, "inside/link.test.yaml"));
    await using workspace = await openWorkspace({ cwd, env: {} });
    for await (const { problems } of workspace.test(["inside/link.test.yaml"])) {
      expect(problems.map(({ message }) => message)).toEqual([
        expect.stringContaining("it is a link that leads out of its folder"),
      ]);
      expect(JSON.stringify(problems)).not.toContain("secret-of-ours");
    }
  });

  it("tells of a case with very many faults only the first", async () => {
    const ids = Array.from({ length: 200 }, (_, place) => place + 1);
    const items = ids.map((id) => `{ device_id: ${id} }`).join(", ");
    const cases = `cases: [{ name: many, items: [${items}], expect: { already: [${ids.join(", ")}] } }]\n`;
    const told = await tried(devices, `${given}${cases}`);
    expect(faults(told)).toHaveLength(51);
    expect(faults(told).at(-1)).toMatch(/the rest: .*found 15\d more that are not/);
  });

  it("keeps to plans of its own folder", async () => {
    const cwd = mkdtempSync(join(tmpdir(), "rollcall-plan-tests-"));
    mkdirSync(join(cwd, "inside"));
    writeFileSync(join(cwd, "plan.yaml"), devices);
    symlinkSync(join(cwd, "plan.yaml"), join(cwd, "inside/link.yaml"));
    for (const [name, plan] of [
      ["up", "../plan.yaml"],
      ["link", "link.yaml"],
      ["gone", "gone.yaml"],
    ]) {
      const test = `rollcall: 1\nplan: ${plan}\ncases: [{ name: one, expect: { already: [] } }]\n`;
      writeFileSync(join(cwd, `inside/${name}.test.yaml`), test);
    }
    await using workspace = await openWorkspace({ cwd, env: {} });
    const messages: string[] = [];
    for await (const { problems } of workspace.test(["inside"]))
      messages.push(...problems.map(({ message }) => message));
    expect(messages).toEqual([
      expect.stringContaining("gone.yaml can not be read: ENOENT"),
      "link.yaml lies outside the folder of its test",
      "../plan.yaml lies outside the folder of its test",
    ]);
    await expect(workspace.test(["plan.yaml"]).next()).rejects.toThrow("There is no plan.test.yaml beside plan.yaml.");
    await expect(workspace.test(["none"]).next()).rejects.toThrow("none can not be read");
  });
});

describe("what does not hold", () => {
  it("can be told apart where only the type differs", async () => {
    const request = (id: string): string => `${given}cases:
  - name: one
    items: [{ device_id: 1, os_type: workstation, product_id: 3 }]
    expect:
      selected: [1]
      requests: [{ method: ModifyAccount, params: { accountInfo: { Id: ${id}, ProductId: 4 } } }]
`;
    expect(faults(await tried(devices, request("1")))).toEqual([]);
    expect(faults(await tried(devices, request("'1'")))).toEqual([
      expect.stringContaining('request 1 accountInfo.Id: expected "1" (text), found 1'),
    ]);
    expect(faults(await tried(devices, request("x")))).toEqual([expect.stringContaining("expected x, found 1")]);
  });

  it("is a selected item of which the case expects no state afterwards", async () => {
    const told = await tried(
      devices,
      `${given}cases:
  - name: two
    items:
      - { device_id: 101, os_type: workstation, product_id: 3 }
      - { device_id: 102, os_type: workstation, product_id: 3 }
    expect: { selected: [101, 102] }
    after:
      items: { 101: { product_id: 4 }, 102: { product_id: 9 } }
      expect: { 101: confirmed }
`,
    );
    expect(faults(told)).toEqual([
      expect.stringContaining(
        "no state is expected of item 102: expected its state, under after.expect, found diverged",
      ),
    ]);
  });
});

describe("what a test gives and nothing asks for", () => {
  const two = (more: string, after = "expect: { 1: confirmed }"): string => `${given}cases:
  - name: two
    items: [{ device_id: 1, os_type: workstation, product_id: 3 }, { device_id: 2, os_type: server }]
    ${more}expect: { selected: [1], filtered: [2] }
    after: { items: { 1: { product_id: 4 } }, ${after} }
`;

  it.each([
    ["an answer to a read of a plan without any", two("reads: { GetFoo: { 1: {} } }\n    ")],
    ["that for all cases", `reads: { GetFoo: { 1: {} } }\n${two("")}`],
    ["that afterwards", two("", "reads: { GetFoo: { 1: {} } }, expect: { 1: confirmed }")],
  ])("is refused at its place: %s", async (_, test) => {
    const { problems } = await tried(devices, test);
    expect(problems).toMatchObject([{ code: "unknown-read", message: "the plan reads no single item with GetFoo" }]);
    const { line = 0, column = 0 } = problems[0] ?? {};
    expect(`rollcall: 1\nplan: plan.yaml\n${test}`.split("\n")[line - 1]?.slice(column - 1)).toMatch(/^GetFoo/);
  });

  it("is refused: the answer for an item that is not to be sent, a lookup of no name, a return too many", async () => {
    const answers = two("", "answers: { 1: accepted, 2: rejected }, expect: { 1: confirmed }");
    expect(faults(await tried(devices, answers))).toEqual([
      expect.stringContaining("item 2 is not expected to be selected, so no answer comes for it"),
    ]);
    const lookup = two("", "lookups: { moves: [] }, expect: { 1: confirmed }");
    expect(faults(await tried(devices, lookup))).toEqual([expect.stringContaining("looks up nothing called moves")]);
    expect(faults(await tried(devices, two("")))).toEqual([]);
  });

  it("is refused: the answer to a read that the plan does not make of that item", async () => {
    const test = (reads: string): string => `inputs: { from: 10, to: 20 }
every_item: { partner_id: 10 }
cases:
  - name: moves
    items: [{ device_id: 1 }, { device_id: 2, partner_id: 9 }]
    reads: { GetAccountCustomColumnValues: { ${reads} } }
    expect: { selected: [1], filtered: [2] }
`;
    const plan = planNamed("move-devices");
    expect(faults(await tried(plan, test("1: []")))).toEqual([]);
    expect(faults(await tried(plan, test("1: [], 2: []")))).toEqual([
      "8 the plan does not read item 2 with GetAccountCustomColumnValues here",
    ]);
    // Where the plan decides otherwise than expected, that comes first.
    expect(faults(await tried(plan, test("1: [], 2: []").replace("filtered: [2]", "already: [2]")))).toEqual([
      expect.stringContaining("item 2: expected already, found filtered out"),
    ]);
  });
});

describe("what a plan looks up", () => {
  const test = `inputs: { partner: 4001 }
cases:
  - name: rows
    items: [{ device_id: 1, product_id: 3 }, { device_id: 2, product_id: 4 }, { device_id: 3 }]
`;

  it("comes from rows that the test gives in place of the file, or from the file", async () => {
    const plan = planNamed("products-csv");
    const outcome = "    expect: { selected: { 1: { product_id: 3 -> 4 } }, already: [2], filtered: [3] }\n";
    const rows = "    lookups: { moves: [{ device_id: 1, to: 4 }, { device_id: 2, to: 4 }] }\n";
    expect(faults(await tried(plan, test + rows + outcome))).toEqual([]);
    const csv = { "moves.csv": "device_id,to\n1,4\n2,4\n" };
    expect(faults(await tried(plan, test + outcome, csv))).toEqual([]);
    expect(faults(await tried(plan, test + outcome))).toEqual([expect.stringContaining("moves.csv can not be read")]);
  });

  it("is wrong in rows as it would be in the file", async () => {
    const plan = planNamed("products-csv");
    const wrong = (rows: string): Promise<TestedFile> =>
      tried(plan, `${test}    lookups: { moves: ${rows} }\n    expect: { error: "$" }\n`);
    const found = async (rows: string): Promise<string> => faults(await wrong(rows)).join();
    expect(await found("[{ device_id: 1, to: 4 }, { device_id: 1, to: 5 }]")).toContain(
      "two rows have the key 1: row 1 and row 2",
    );
    expect(await found("[{ device_id: x, to: 4 }]")).toContain(
      "row 1 given for moves: device_id: expected a whole number",
    );
    expect(await found("[{ device_id: 1, too: 4 }]")).toContain("row 1 given for moves: the plan has no column too");
  });

  it("must be given where the service would be asked, and is asked for with what the plan says", async () => {
    const cases = `inputs: { partner: 4001 }
login: { user_id: 3 }
cases:
  - name: by ids
    items:
      - { Id: 1, RoleId: Supporter }
      - { Id: 2, RoleId: Operator }
      - { Id: 3, RoleId: Supporter }
    LOOKUPS
    expect:
      selected: { 1: { RoleId: Supporter -> Operator } }
      already: [2]
      filtered: { 3: item.Id != login.user_id }
      requests: [{ method: ModifyUser, params: { userInfo: { Id: 1, RoleId: 4 } } }]
      asks:
        - { method: EnumeratePartners, params: { parentPartnerId: 4001, fetchRecursively: true } }
        - { method: EnumerateUsers, params: { partnerIds: [4001, 1, 2, 3, 4, 5, 6] } }
        - { method: EnumerateUsers, params: { partnerIds: [7] } }
`;
    const rows = [1, 2, 3, 4, 5, 6, 7].map((id) => `{ Id: ${id} }`).join(", ");
    const plan = planNamed("roles-by-ids");
    expect(faults(await tried(plan, cases.replace("LOOKUPS", `lookups: { customers: [${rows}] }`)))).toEqual([]);
    expect(faults(await tried(plan, cases.replace("LOOKUPS", "now: 0")))).toEqual([
      "6 the plan looks up customers: write under lookups, customers, what is found",
    ]);
  });

  it("gives the elements of lists, each with its items", async () => {
    const cases = (lists: string): string => `inputs: { partner: 4001 }
lookups: { customers: [{ Id: 7, Name: Contoso }, { Id: 8, Name: Fabrikam }] }
login: { user_id: 99 }
cases:
  - name: by customer
    lists:
${lists}
    expect: { selected: [1], filtered: { 2: each.Id == item.PartnerId } }
`;
    const list = (id: number, name: string, item: string): string =>
      `      - { each: { Id: ${id}, Name: ${name} }, items: [${item}] }\n`;
    const one = list(7, "Contoso", "{ Id: 1, PartnerId: 7, RoleId: Supporter }");
    const two = list(8, "Fabrikam", "{ Id: 2, PartnerId: 9, RoleId: Supporter }");
    const plan = planNamed("roles-for-each");
    expect(faults(await tried(plan, cases(one + two)))).toEqual([]);
    const third = two.replaceAll("8", "10").replace("Id: 2", "Id: 3");
    expect(faults(await tried(plan, cases(one + third)))).toEqual(
      expect.arrayContaining([
        expect.stringContaining('the plan reads EnumerateUsers for {"Id":8,"Name":"Fabrikam"}'),
        expect.stringContaining("the plan asks for no list with each"),
      ]),
    );
  });
});

describe("what a plan reads and sends of single items", () => {
  const trial = `rollcall: 1
name: trial
service: cove
inputs:
  partner: { type: integer }
enumerate:
  call: EnumeratePartners
  params: { parentPartnerId: "\${{ inputs.partner }}", fetchRecursively: true }
  fields: [Id, Name, Level, State]
filter:
  - item.Level == "EndCustomer"
  - item.trial_ends != null && item.trial_ends <= now
read:
  call: GetPartnerInfoById
  params: { partnerId: "\${{ item.Id }}" }
  fields:
    trial_ends: { from: TrialExpirationTime, type: unix_time }
change:
  set: { State: InProduction }
  call: ChangePartnerState
  params: { partnerId: "\${{ item.Id }}", action: ApproveForProduction, reason: signed }
  pending: after.State == "WaitingForProduction"
  destructive: true
undo: { possible: false, reason: It is another decision. }
guards: { max: 5 }
verify: { within: 1m }
`;

  it("comes from answers that the test gives, and must be given", async () => {
    const test = (answer: string): string => `inputs: { partner: 4001 }
now: 1000
every_item: { Level: EndCustomer, State: InTrial }
cases:
  - name: trials
    items: [{ Id: 1 }, { Id: 2 }, { Id: 3, Level: Reseller }, { Id: 4 }]
    reads: { GetPartnerInfoById: { 1: { TrialExpirationTime: 999 }, ${answer} 4: { TrialExpirationTime: 900 } } }
    expect:
      selected: { 1: { State: InTrial -> InProduction }, 4: { State: InProduction } }
      filtered: { 2: trial_ends, 3: Level }
      asks:
        - { method: EnumeratePartners, params: { parentPartnerId: 4001, fetchRecursively: true } }
        - { method: GetPartnerInfoById, params: { partnerId: 1 } }
        - { method: GetPartnerInfoById, params: { partnerId: 2 } }
        - { method: GetPartnerInfoById, params: { partnerId: 4 } }
    after:
      items: { 1: { State: WaitingForProduction }, 4: { State: InProduction } }
      expect: { 1: pending, 4: confirmed }
`;
    expect(faults(await tried(trial, test("2: { TrialExpirationTime: 1001 },")))).toEqual([]);
    expect(faults(await tried(trial, test("")))).toEqual([
      "7 the plan reads item 2 with GetPartnerInfoById: write under reads, GetPartnerInfoById, what it returns for 2",
    ]);
  });

  it("looks where the plan looks, and asks whether what is missing is gone", async () => {
    const moves = `inputs: { from: 10, to: 20 }
every_item: { partner_id: 10 }
cases:
  - name: moves
    items: [{ device_id: 1 }, { device_id: 2 }, { device_id: 3, partner_id: 20 }]
    reads: { GetAccountCustomColumnValues: { 1: [[843, x]], 2: [], 3: [] } }
    expect: { selected: { 1: { partner_id: 10 -> 20 }, 2: { partner_id: 20 } }, already: [3] }
    after:
      answers: { 2: rejected }
      items: { 1: { partner_id: 20 } }
      asks: [{ method: EnumerateAccountStatistics, params: { query: { PartnerId: 20 } } }]
      expect: { 1: confirmed, 2: rejected }
`;
    const plan = planNamed("move-devices");
    expect(faults(await tried(plan, moves))).toEqual([]);
    const elsewhere = plan.replace(/\{\{ inputs\.to \}\}\n$/, "{{ inputs.to + 1 }}\n");
    expect(faults(await tried(elsewhere, moves))).toEqual([
      expect.stringContaining("ask after 1 query.PartnerId: expected 20, found 21"),
    ]);

    const removals = (answer: string): string => `inputs: { partner: 10 }
every_item: { product_id: 3 }
cases:
  - name: removals
    items: [{ device_id: 1 }, { device_id: 2 }, { device_id: 3, product_id: 4 }]
    expect: { selected: [1, 2], filtered: [3] }
    after:
      answers: { 1: lost, 2: rejected }
      items: { 1: gone }
      reads: { GetAccountInfoByIdWithRemoved: { ${answer} } }
      expect: { 1: confirmed, 2: rejected }
`;
    const answer = "1: { RemovalTime: 99 }";
    expect(faults(await tried(planNamed("remove-by-id"), removals(answer)))).toEqual([]);
    expect(faults(await tried(planNamed("remove-by-id"), removals("")))).toEqual([
      expect.stringContaining("the plan reads item 1 with GetAccountInfoByIdWithRemoved"),
    ]);
  });

  it("names secrets and never shows them; what nobody can see stays unverifiable", async () => {
    const plan = `rollcall: 1
name: password
service: cove
allow_undocumented: true
inputs:
  password: { type: secret, min_length: 12 }
enumerate:
  call: EnumerateAccountStatistics
  params: { query: { PartnerId: 4001 } }
  fields: [device_id]
filter: true
change:
  call: SendAccountCommand
  params: { command: set gui password, parameters: "password \${{ inputs.password }}" }
  expect: accepted
undo: { possible: false, reason: It can not be read. }
`;
    const test = (params: string): string => `inputs: { password: correct horse battery }
cases:
  - name: one
    items: [{ device_id: 1 }]
    expect:
      selected: [1]
      requests:
        - method: SendAccountCommand
          params: { command: set gui password, parameters: ${params} }
    after: { expect: { 1: unverifiable } }
`;
    expect(faults(await tried(plan, test("'password [secret password]'")))).toEqual([]);
    const told = JSON.stringify(await tried(plan, test("'password correct horse battery'")));
    expect(told).toContain('"found":"password [secret password]"');
    const [{ mismatches } = { mismatches: [] }] = (await tried(plan, test("x"))).cases;
    expect(JSON.stringify(mismatches)).not.toContain("horse");
  });

  it("sends many items in one call, whose answer tells of each", async () => {
    const plan = `rollcall: 1
name: label
service: cove
lookups:
  labelled:
    call: EnumerateAccountIdsByLabel
    params: { label: red }
    optional: true
enumerate:
  call: EnumerateAccountStatistics
  params: { query: { PartnerId: 4001 } }
  fields:
    device_id: device_id
    has_label: { value: item.device_id in lookup.labelled, type: boolean }
filter: true
change:
  set: { has_label: true }
  chunk: 2
  call: AddAccountLabel
  params:
    accountIdCollection: \${{ items.map(i, i.device_id) }}
    labelCollection: [red]
  result: { succeeded: SucceedAccounts, failed: FailedAccounts }
undo:
  call: RemoveAccountLabel
  params:
    accountIdCollection: \${{ items.map(i, i.device_id) }}
    labelCollection: [red]
  chunk: 2
  destructive: true
`;
    const test = `cases:
  - name: one
    lookups: { labelled: [4] }
    items: [{ device_id: 1 }, { device_id: 2 }, { device_id: 3 }, { device_id: 4 }]
    expect:
      selected: { 1: { has_label: false -> true }, 2: { has_label: true }, 3: { has_label: true } }
      already: [4]
      requests:
        - { method: AddAccountLabel, params: { accountIdCollection: [1, 2], labelCollection: [red] } }
        - { method: AddAccountLabel, params: { accountIdCollection: [3], labelCollection: [red] } }
    after:
      returns:
        - { SucceedAccounts: [1], FailedAccounts: [2] }
        - { SucceedAccounts: [3] }
      lookups: { labelled: [1, 4] }
      expect: { 1: confirmed, 2: rejected, 3: diverged }
`;
    expect(faults(await tried(plan, test))).toEqual([]);
    const none = `cases:
  - name: nobody has the label yet
    lookups: { labelled: null }
    items: [{ device_id: 1 }]
    expect: { selected: [1] }
`;
    expect(faults(await tried(plan, none))).toEqual([]);
    expect(faults(await tried(plan.replace("    optional: true\n", ""), none))).toEqual([
      "7:13 the plan: expected the plan decides, found Lookup labelled: there is no such thing",
    ]);
    const broken = plan.replace("failed: FailedAccounts", "failed: Failed");
    expect(faults(await tried(broken, test))).not.toEqual([]);
  });

  it("says what would be taken back, what is left as it became, and in how many calls", async () => {
    const undo = `undo:
  unless: before.product_id == null
  reason: There is no "no product".
`;
    const test = `${given}cases:
  - name: one
    items: [{ device_id: 1 }, { device_id: 2, product_id: null }, { device_id: 3, product_id: 7 }]
    expect:
      selected: [1, 2, 3]
      requests: 3
      undo:
        - { method: ModifyAccount, params: { accountInfo: { Id: 1, ProductId: 3 } } }
        - { method: ModifyAccount, params: { accountInfo: { Id: 3, ProductId: 7 } } }
`;
    expect(faults(await tried(devices + undo, test))).toEqual([]);
    expect(faults(await tried(devices, test))).toContainEqual(
      expect.stringContaining("undo 2 accountInfo.Id: expected 3, found 2"),
    );
    const never = `undo: { possible: false, reason: Nobody knows how. }\n`;
    expect(faults(await tried(devices + never, test))).toEqual([
      expect.stringContaining('undo 1: expected ModifyAccount {"accountInfo":{"Id":1,"ProductId":3}}, found none'),
      expect.stringContaining('undo 2: expected ModifyAccount {"accountInfo":{"Id":3,"ProductId":7}}, found none'),
    ]);
    expect(faults(await tried(devices + undo, test.replace("requests: 3", "requests: 2")))).toEqual([
      expect.stringContaining("requests: expected 2, found 3"),
    ]);
    const labels = `rollcall: 1
name: label
service: cove
enumerate:
  call: EnumerateAccountStatistics
  params: { query: { PartnerId: 4001 } }
  fields: { device_id: device_id, has_label: { value: item.device_id > 3, type: boolean } }
filter: true
change:
  set: { has_label: true }
  chunk: 3
  call: AddAccountLabel
  params: { accountIdCollection: "\${{ items.map(i, i.device_id) }}", labelCollection: [red] }
undo:
  chunk: 2
  call: RemoveAccountLabel
  params: { accountIdCollection: "\${{ items.map(i, i.device_id) }}", labelCollection: [red] }
  destructive: true
`;
    const off = `cases:
  - name: one
    items: [{ device_id: 1 }, { device_id: 2 }, { device_id: 3 }]
    expect:
      selected: [1, 2, 3]
      requests: 1
      undo:
        - { method: RemoveAccountLabel, params: { accountIdCollection: [1, 2], labelCollection: [red] } }
        - { method: RemoveAccountLabel, params: { accountIdCollection: [3], labelCollection: [red] } }
`;
    expect(faults(await tried(labels, off))).toEqual([]);
  });

  it("says which items a plan warns of, and a warning that can not be evaluated is one", async () => {
    const warn = `warn:
  - when: item.product_id == 3 && set.product_id == 4
    message: "\${{ inputs.to }} in place of 3"
  - when: item.device_id == 3 || (item.device_id == 4 && [1][9] == 1)
    message: something is stored
`;
    const test = (warned: string): string => `${given}cases:
  - name: one
    items:
      - { device_id: 1 }
      - { device_id: 2, product_id: 7 }
      - { device_id: 3, product_id: 7 }
      - { device_id: 4, product_id: 7 }
      - { device_id: 5, product_id: 4 }
    expect: { selected: [1, 2, 3, 4], already: [5], warned: ${warned} }
`;
    const all = "{ 1: 4 in place of 3, 3: stored, 4: something }";
    expect(faults(await tried(devices + warn, test(all)))).toEqual([]);
    expect(faults(await tried(devices + warn, test("[1, 3, 4]")))).toEqual([]);
    expect(faults(await tried(devices + warn, test("{ 1: stored, 2: x, 3: stored }")))).toEqual([
      "14:61 warning of item 1: expected … stored …, found 4 in place of 3",
      "14:61 warning of item 2: expected … x …, found none",
      "14:61 warning of item 4: expected none, found something is stored",
    ]);
    expect(faults(await tried(devices, test("[]")))).toEqual([]);
  });

  it("says what a plan is careful about: what it asks, what it reads again, what it tolerates", async () => {
    const careful = `${devices.replace("  call: ModifyAccount", "  only_if_unchanged: true\n  destructive: true\n  call: ModifyAccount")}guards: { max: 9 }
stop: { errors: 0, unknown: 2 }
`;
    const test = `${given}cases:
  - name: one
    items: [{ device_id: 1 }]
    expect:
      selected: [1]
      confirm: count
      recheck: true
      stop: { errors: 0, unknown: 2, consecutive: 3 }
`;
    expect(faults(await tried(careful, test))).toEqual([]);
    expect(faults(await tried(devices, test))).toEqual([
      "11:16 confirm: expected count, found yes",
      "12:16 recheck: expected true, found false",
      "13:23 stop.errors: expected 0, found 3",
      "13:35 stop.unknown: expected 2, found 0",
    ]);
  });

  it("says which device's node a call goes to", async () => {
    const plan = `rollcall: 1
name: tell
service: cove
allow_undocumented: true
enumerate:
  call: EnumerateAccountStatistics
  params: { query: { PartnerId: 4001 } }
  fields: [device_id]
read:
  call: QueryAudit
  params: { query: "", orderBy: "", range: { Offset: 0, Size: 1 } }
  fields: { count: { value: size(rows), type: integer } }
filter: true
change:
  call: SendAccountCommand
  params: { command: clear selection, parameters: "" }
  expect: accepted
undo: { possible: false, reason: It is gone. }
`;
    const test = `cases:
  - name: one
    items: [{ device_id: 7 }]
    reads: { QueryAudit: { 7: [] } }
    expect:
      selected: [7]
      requests:
        - method: SendAccountCommand
          params: { command: clear selection, parameters: "" }
          route: { device: 7 }
      asks:
        - { method: EnumerateAccountStatistics, params: { query: { PartnerId: 4001 } } }
        - method: QueryAudit
          params: { query: "", orderBy: "", range: { Offset: 0, Size: 1 } }
          route: { device: 7 }
`;
    expect(faults(await tried(plan, test))).toEqual([]);
    const elsewhere = plan.replace(
      "  expect: accepted",
      '  expect: accepted\n  route: { device: "${{ item.device_id + 1 }}" }',
    );
    expect(faults(await tried(elsewhere, test))).toEqual(["12:18 request 1 route.device: expected 7, found 8"]);
  });
});
