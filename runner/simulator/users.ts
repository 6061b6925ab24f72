import type { Effect } from "./devices.ts";
import { foreignPartnerId, rootPartnerId } from "./partners.ts";
import type { PartnerTree } from "./partners.ts";
import { fraction, pick } from "./random.ts";
import { Records } from "./records.ts";

/** What is known about a user. Times in Unix seconds, 0 meaning never; "" and [] mean not set. */
export interface UserValues {
  readonly partnerId: number;
  readonly name: string;
  readonly emailAddress: string;
  /** 1 SuperUser, 2 Administrator, 3 Manager, 4 Operator, 5 Supporter, 6 Reporter, 7 Notifier. */
  readonly roleId: number;
  readonly flags: readonly string[];
  readonly twoFactorAuthenticationStatus: string;
  readonly firstName: string;
  /** The surname, whatever it is called. */
  readonly fullName: string;
  readonly title: string;
  readonly phoneNumber: string;
  readonly firstLoginTime: number;
  readonly lastLoginTime: number;
}

/** One user at one instant. */
export interface UserView extends UserValues {
  readonly id: number;
}

/** Every key of `UserValues`, with the type of its value. */
export const userValueTypes = {
  partnerId: "number",
  name: "string",
  emailAddress: "string",
  roleId: "number",
  flags: "texts",
  twoFactorAuthenticationStatus: "string",
  firstName: "string",
  fullName: "string",
  title: "string",
  phoneNumber: "string",
  firstLoginTime: "number",
  lastLoginTime: "number",
} as const satisfies Record<keyof UserValues, "number" | "string" | "texts">;

export interface UserOptions {
  readonly seed: number;
  /** Unix seconds: the "today" that logins are counted back from. */
  readonly epoch: number;
  /** What the user of the login is called. */
  readonly username: string;
}

/**
 * The users and all that was ever changed about them: 301, who is logged in, and three colleagues (302 to 304) at the
 * login's partner; one to four at every customer and none to two at its sites, from 30 001 on; and 309, whom the login
 * may not see. One in six never logged in, one in three has two-factor authentication.
 */
export class UserRecords {
  readonly #records: Records<UserValues>;
  #nextId = firstAddedId;

  constructor(tree: PartnerTree, options: UserOptions) {
    this.#records = new Records(population(tree, options));
  }

  /** The user as it was at `asOf` (ms since boot; now when left out). Undefined: never there, or removed by then. */
  get(id: number, asOf = Infinity): UserView | undefined {
    const values = this.#records.get(id, asOf);
    return values === undefined ? undefined : { id, ...values };
  }

  /** Everybody, by id. */
  all(asOf = Infinity): UserView[] {
    return this.#records.all(asOf).map(([id, values]) => ({ id, ...values }));
  }

  /** Set some values; the others stay. Undefined: no such user. */
  change(id: number, values: Partial<UserValues>): Effect | undefined {
    return this.#records.change(id, values);
  }

  /** A user nobody knew before; the effect says under which id. */
  add(values: UserValues): Effect {
    return this.#records.add(this.#nextId++, values);
  }

  /** Remove a user for good. Undefined: no such user. */
  remove(id: number): Effect | undefined {
    return this.#records.remove(id);
  }
}

/** The user of the login. */
export const loginUserId = 301;
const foreignUserId = 309;
const firstHomeUserId = 30_001;
const firstAddedId = 90_001;
const day = 86_400;

function population(tree: PartnerTree, options: UserOptions): [number, UserValues][] {
  const { epoch, username } = options;
  const whoLogsIn: UserValues = {
    ...person(loginUserId, rootPartnerId, options),
    name: username,
    emailAddress: "demo@example.com",
    roleId: 1,
    flags: ["NonInteractive", "AllowApiAuthentication"],
    twoFactorAuthenticationStatus: "Disabled",
    firstName: "Rollcall",
    fullName: "Demo",
    firstLoginTime: epoch,
    lastLoginTime: epoch,
  };
  const others: [number, number][] = [
    [302, rootPartnerId],
    [303, rootPartnerId],
    [304, rootPartnerId],
    [foreignUserId, foreignPartnerId],
    ...homes(tree, options.seed).map((home, index): [number, number] => [firstHomeUserId + index, home]),
  ];
  return [
    [loginUserId, whoLogsIn],
    ...others.map(([id, home]): [number, UserValues] => [id, person(id, home, options)]),
  ];
}

/** The partner of each user below the login. */
function homes(tree: PartnerTree, seed: number): number[] {
  return tree.homes.flatMap((home) => {
    const isCustomer = tree.get(home)?.level === "EndCustomer";
    const count = isCustomer ? 1 + pick(seed, home, { salt: 90, count: 4 }) : pick(seed, home, { salt: 90, count: 3 });
    return Array.from({ length: count }, () => home);
  });
}

function person(id: number, partnerId: number, { seed, epoch }: UserOptions): UserValues {
  const choice = <Value>(salt: number, values: readonly [Value, ...Value[]]): Value =>
    values[pick(seed, id, { salt, count: values.length })] ?? values[0];
  const [firstName, fullName] = [choice(91, firstNames), choice(92, surnames)];
  const email = `${firstName}.${fullName}.${id}@example.com`.toLowerCase();
  const firstLogin = epoch - (200 + pick(seed, id, { salt: 93, count: 900 })) * day;
  const hasLoggedIn = fraction(seed, id, 94) >= 1 / 6;
  return {
    partnerId,
    name: email,
    emailAddress: email,
    roleId: 1 + pick(seed, id, { salt: 95, count: 7 }),
    flags: choice<readonly string[]>(96, [[], [], ["SecurityOfficer"], ["Technical", "Billing"], ["Sales"]]),
    twoFactorAuthenticationStatus: choice(97, ["Disabled", "Enabled", "Disabled"]),
    firstName,
    fullName,
    title: choice(98, ["", "Ms", "Mr", "Dr"]),
    phoneNumber: "",
    firstLoginTime: hasLoggedIn ? firstLogin : 0,
    lastLoginTime: hasLoggedIn ? firstLogin + pick(seed, id, { salt: 99, count: 200 * day }) : 0,
  };
}

const firstNames = ["Ada", "Blaise", "Carl", "Dorothy", "Emmy", "Florence", "Grace", "Hedy"] as const;
const surnames = ["Archer", "Brook", "Carter", "Dale", "Fisher", "Glover", "Mason", "Wright"] as const;
