import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { itemId, type Fields, type Item } from "../../runner/core/model/item.ts";
import { decide } from "../../runner/core/select/decide.ts";
import { cove } from "../../runner/providers/cove/connect.ts";
import { frozen, load, problemsOf } from "../support/plan.ts";

const catalogueOf = () => Promise.resolve(cove.catalogue());
const text = (name: string): string => readFileSync(new URL(`../support/plans/${name}.yaml`, import.meta.url), "utf8");
const item = (fields: Fields): Item => ({ id: itemId(JSON.stringify(fields.Id ?? fields.device_id)), fields });
const found = async (plan: string, set: readonly string[]): Promise<string> => {
  const problems = await problemsOf(plan, { set, catalogueOf });
  return problems.map(({ line, code, message, hint }) => `${line} ${code}: ${message} | ${hint ?? ""}`).join("\n");
};

describe("a plan over users", () => {
  const users = text("user-roles");
  const set = ["partners=5,6", "role=Operator"];
  const user = { Id: 12, PartnerId: 5, EmailAddress: "a@b.c", RoleId: "SuperUser", Flags: [] };
  const unknowns = { TwoFactorAuthenticationStatus: null, LastLoginTime: null };

  it("asks for the users of many customers, and sends the role as the number the service knows", async () => {
    const { plan } = await load(users, { set, catalogueOf });
    expect(plan.enumerate).toMatchObject({ method: "EnumerateUsers", key: "Id", title: "EmailAddress" });
    expect(plan.enumerate.params(frozen)).toEqual({ partnerIds: [5, 6] });
    expect(plan.change.repeat).toBe("set");
    expect(decide(plan, frozen, item({ ...user, ...unknowns }))).toEqual({
      as: "selected",
      before: { RoleId: "SuperUser" },
      after: { RoleId: "Operator" },
      params: { userInfo: { Id: 12, RoleId: 4 } },
    });
    expect(decide(plan, frozen, item({ ...user, ...unknowns, RoleId: "Operator" }))).toEqual({ as: "already" });
  });

  it("never touches the one who is logged in", async () => {
    const { plan } = await load(users, { set, catalogueOf });
    const own = item({ ...user, ...unknowns, Id: frozen.login.user_id });
    expect(decide(plan, frozen, own)).toEqual({ as: "filtered-out", clause: 2 });
  });

  it("refuses every item when the service did not say who is logged in", async () => {
    const { plan } = await load(users, { set, catalogueOf });
    const nobody = { ...frozen, login: { user_id: null, partner_id: null, name: "" } };
    expect(decide(plan, nobody, item({ ...user, ...unknowns }))).toMatchObject({
      as: "refused",
      why: 'login has no member "user_id"',
    });
  });

  it("finds a wrong role where it is set, and where it is sent", async () => {
    expect(await found(users.replace("RoleId: ${{ inputs.role }}", "RoleId: Operater"), set)).toMatch(
      /^21 bad-value: set\.RoleId: "Operater" is not one of its names \| Did you mean Operator\?$/,
    );
    expect(await found(users.replace("RoleId: ${{ set.RoleId }}", "RoleId: Superuser"), set)).toContain(
      '26 bad-enum: RoleId: UserRoleId has no value "Superuser" | Did you mean SuperUser?',
    );
  });

  it("tells of one mistake in a value once, whichever check sees it", async () => {
    const sent = (value: string, plan = users): Promise<string> =>
      found(plan.replace("RoleId: ${{ set.RoleId }}", `RoleId: ${value}`), set);
    for (const right of ["Operator", "4", '"4"']) expect(await sent(right)).toMatch(/^\d+ set-not-sent: .*$/);
    for (const wrong of ["Superuser", "9", "true", "[Operator]"]) {
      const told = (await sent(wrong)).split("\n").filter((line) => !line.includes("set-not-sent"));
      expect(told).toEqual([expect.stringMatching(/^26 bad-(enum|type): RoleId/)]);
    }
    const lenient = await sent("Superuser", `${users}\nallow_undocumented: true\n`);
    expect(lenient).toContain('26 bad-value: ModifyUser: userInfo.RoleId: "Superuser" is not one of its names');
    expect(lenient).not.toContain("bad-enum");
  });

  it("is told where the members of a user can be looked up", async () => {
    expect(await found(users.replace("[Id,", "[Id, Nonsense,"), set)).toContain(
      "unknown-field: EnumerateUsers has no field Nonsense | `rollcall catalog structs UserInfo` lists them.",
    );
  });

  it("refuses an item that would be sent with a role nobody knows", async () => {
    const { plan } = await load(users.replace("RoleId: ${{ set.RoleId }}", 'RoleId: ${{ set.RoleId + "s" }}'), {
      set,
      catalogueOf,
    });
    expect(decide(plan, frozen, item({ ...user, ...unknowns }))).toMatchObject({
      as: "refused",
      why: 'change.params.userInfo.RoleId: "Operators" is not one of its names',
    });
  });

  it("never reads a password, and is told of a scope that the change leaves", async () => {
    expect(await found(users.replace("[Id,", "[Id, Password,"), set)).toMatch(/secret-field: Password/);
    const moving = users.replaceAll("RoleId: ${{", "PartnerId: ${{").replace("inputs.role }}", "7 }}");
    expect(await found(moving.replace("set.RoleId", "set.PartnerId"), set)).toMatch(
      /scope-on-set: partnerIds is the scope of the list, and the change sets PartnerId/,
    );
  });

  it("wants a removal to be said and bounded", async () => {
    const removal = text("remove-users");
    const { plan } = await load(removal, { set: ["partners=5"], catalogueOf });
    expect(plan.change).toMatchObject({ method: "RemoveUser", destructive: true, expect: { kind: "absent" } });
    const reporter = { Id: 9, EmailAddress: null, RoleId: "Reporter" };
    expect(decide(plan, frozen, item(reporter))).toMatchObject({ as: "selected", params: { userId: 9 } });
    const own = item({ ...reporter, Id: frozen.login.user_id });
    expect(decide(plan, frozen, own)).toMatchObject({ as: "filtered-out" });
    expect(await found(removal.replace("  destructive: true\n", ""), ["partners=5"])).toMatch(
      /destructive: RemoveUser/,
    );
    expect(await found(removal.replace("guards: { max: 50 }\n", ""), ["partners=5"])).toMatch(
      /destructive-without-max/,
    );
  });
});

describe("a plan over customers", () => {
  const partners = text("external-codes");
  const set = ["partner=5", "code=X-1"];

  it("changes one member, and can clear it", async () => {
    const { plan } = await load(partners, { set, catalogueOf });
    expect(plan.enumerate.params(frozen)).toEqual({ parentPartnerId: 5, fetchRecursively: true });
    const customer = { Id: 8, ParentId: 5, Name: "N", Level: "EndCustomer", State: "InTrial", ExternalCode: null };
    expect(decide(plan, frozen, item(customer))).toMatchObject({
      before: { ExternalCode: null },
      params: { partnerInfo: { Id: 8, ExternalCode: "X-1" } },
    });
    const { plan: clearing } = await load(partners, { set: ["partner=5", "code="], catalogueOf });
    expect(decide(clearing, frozen, item({ ...customer, ExternalCode: "X-1" }))).toMatchObject({
      after: { ExternalCode: null },
      params: { partnerInfo: { Id: 8, ExternalCode: "" } },
    });
  });

  it("can not name a member that the list does not give, nor ask by number itself", async () => {
    const uid = await found(partners.replace("ExternalCode]", "ExternalCode, Uid]"), set);
    expect(uid).toContain(
      "unknown-field: EnumeratePartners has no field Uid | EnumeratePartners is asked for members by",
    );
    expect(uid).toContain("no number is known for this one. It can give Id, ParentId, Name,");
    expect(await found(partners.replace("ExternalCode]", "ExternalCod]"), set)).toContain("Did you mean ExternalCode?");
    expect(await found(partners.replace("fetchRecursively: true", "fields: [0]"), set)).toMatch(
      /12 reserved-param: fields belongs to the service \| Use `enumerate.fields`\./,
    );
    const wrong = await found(partners.replace("fetchRecursively: true", "fields: name"), set);
    expect(wrong).toMatch(/^12 reserved-param: fields belongs to the service[^\n]*$/);
    const inOrder = partners.replace(/params:\n.*\n.*true/, "params: [5, true]");
    expect(await found(inOrder, set)).toMatch(
      /^10 positional-params: EnumeratePartners gets more params from Rollcall/,
    );
  });
});

describe("a plan that writes a custom column", () => {
  it("names it by number, sends pairs, and clears with an empty text", async () => {
    const set = ["partner=5", "column=843", "ids=1"];
    const { plan } = await load(text("custom-column"), { set: [...set, "text=hello"], catalogueOf });
    expect(plan.enumerate.fields.at(-1)).toMatchObject({ name: "text", source: "AA843" });
    const device = item({ device_id: 1, device_name: "PC", text: null });
    expect(decide(plan, frozen, device)).toMatchObject({
      after: { text: "hello" },
      params: { accountId: 1, values: [[843, "hello"]] },
    });
    const { plan: clearing } = await load(text("custom-column"), { set: [...set, "text="], catalogueOf });
    expect(decide(clearing, frozen, item({ device_id: 1, device_name: "PC", text: "old" }))).toMatchObject({
      after: { text: null },
      params: { accountId: 1, values: [[843, ""]] },
    });
  });
});
