import { ApiError, argumentError, errorData, notFoundError } from "./api-error.ts";
import { Params } from "./params.ts";
import type { Members } from "./params.ts";
import { listInstant, singleInstant, wholeList } from "./reads.ts";
import { assertInScope, userInScope } from "./scope.ts";
import type { UserValues, UserView } from "./users.ts";
import { twoFactorStates, userFlags } from "./words.ts";
import type { Bend, Done, World } from "./world.ts";

/** EnumerateUsers: the users of the partners named, and of nobody below them; in one piece. */
export function enumerateUsers(world: World, members: Members, bend: Bend): Done {
  const params = new Params(members);
  const partnerIds = new Set(params.someIntegers("partnerIds"));
  for (const id of partnerIds) assertInScope(world, id);
  const asOf = listInstant(world, bend);
  const users = world.users.all(asOf).filter(({ partnerId }) => partnerIds.has(partnerId));
  return wholeList(users.map(userInfo), asOf, bend);
}

/** GetUserInfoById: one user. */
export function getUserInfoById(world: World, members: Members, bend: Bend): Done {
  const asOf = singleInstant(world, bend);
  const user = userInScope(world, new Params(members).integer("userId"), asOf);
  return { result: { result: userInfo(user) }, asOf };
}

/** ModifyUser: sets what is sent and leaves the rest; never the name, never the password. Answers null. */
export function modifyUser(world: World, members: Members): Done {
  const info = readUserInfo(world, members);
  const user = userInScope(world, info.integer("Id"));
  info.refuseChanged(fixedMembers, userInfo(user));
  const values = readValues(info);
  if (values.partnerId !== undefined) assertInScope(world, values.partnerId);
  if (values.emailAddress !== undefined) assertEmailIsFree(world, values.emailAddress, user.id);
  const effect = world.users.change(user.id, values);
  if (effect === undefined) throw notFoundError("User", user.id);
  return { result: null, effect };
}

/** AddUser: answers with the bare id of the new user. The password is not kept: nobody but the login's user logs in. */
export function addUser(world: World, members: Members): Done {
  const info = readUserInfo(world, members);
  const name = info.text("Name");
  if (name === "") throw argumentError("userInfo.Name can't be empty");
  const partnerId = info.integer("PartnerId");
  const roleId = info.integer("RoleId");
  const values = readValues(info);
  assertInScope(world, partnerId);
  assertNameIsFree(world, name);
  if (values.emailAddress !== undefined) assertEmailIsFree(world, values.emailAddress);
  const effect = world.users.add({ ...newcomer, ...values, name, partnerId, roleId });
  return { result: { result: effect.item }, effect };
}

/** RemoveUser: gone for good. Nobody can remove themselves. */
export function removeUser(world: World, members: Members): Done {
  const user = userInScope(world, new Params(members).integer("userId"));
  if (user.id === world.userId) throw new ApiError(errorData.currentUserRemoval, "Current user can't be removed");
  const effect = world.users.remove(user.id);
  if (effect === undefined) throw notFoundError("User", user.id);
  return { result: null, effect };
}

/** UserInfo, as every answer about a user has it. */
export function userInfo(user: UserView): Members & { readonly Id: number } {
  return {
    Id: user.id,
    PartnerId: user.partnerId,
    Name: user.name,
    Password: null,
    RoleId: user.roleId,
    ContactPersonId: null,
    TwoFactorAuthenticationStatus: user.twoFactorAuthenticationStatus,
    EmailAddress: user.emailAddress,
    Flags: user.flags.length === 0 ? null : user.flags,
    FirstLoginTime: user.firstLoginTime,
    LastLoginTime: user.lastLoginTime,
    FirstName: user.firstName,
    FullName: user.fullName,
    Title: user.title || null,
    PhoneNumber: user.phoneNumber || null,
  };
}

/** `Name` and `Password` by the documentation; the others are what the service itself finds out. */
const fixedMembers = ["Name", "Password", "ContactPersonId", "FirstLoginTime", "LastLoginTime"];

const settableMembers = [
  "PartnerId",
  "RoleId",
  "TwoFactorAuthenticationStatus",
  "EmailAddress",
  "Flags",
  "FirstName",
  "FullName",
  "Title",
  "PhoneNumber",
];

const newcomer: Omit<UserValues, "name" | "partnerId" | "roleId"> = {
  emailAddress: "",
  flags: [],
  twoFactorAuthenticationStatus: "Disabled",
  firstName: "",
  fullName: "",
  title: "",
  phoneNumber: "",
  firstLoginTime: 0,
  lastLoginTime: 0,
};

function readUserInfo(world: World, members: Members): Params {
  const info = new Params(members).members("userInfo");
  if (world.strictParams) info.refuseUnknown(["Id", ...fixedMembers, ...settableMembers]);
  return info;
}

function readValues(info: Params): Partial<UserValues> {
  const roleId = info.optionalInteger("RoleId");
  if (roleId !== undefined && (roleId < 1 || roleId > 7))
    throw argumentError(`userInfo.RoleId '${roleId}' isn't 1 to 7`);
  const values = {
    partnerId: info.optionalInteger("PartnerId"),
    emailAddress: info.optionalText("EmailAddress"),
    roleId,
    flags: info.optionalWords("Flags", userFlags),
    twoFactorAuthenticationStatus: info.optionalWord("TwoFactorAuthenticationStatus", twoFactorStates),
    firstName: info.optionalText("FirstName"),
    fullName: info.optionalText("FullName"),
    title: info.optionalText("Title"),
    phoneNumber: info.optionalText("PhoneNumber"),
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function assertNameIsFree(world: World, name: string): void {
  if (!world.users.all().some((user) => user.name === name)) return;
  throw new ApiError(errorData.userNameTaken, `User with name '${name}' already exists`);
}

function assertEmailIsFree(world: World, email: string, except?: number): void {
  if (email === "") return;
  if (!world.users.all().some((user) => user.emailAddress === email && user.id !== except)) return;
  throw new ApiError(errorData.userEmailTaken, `Email '${email}' already exists`);
}
