import { describe, expect, it } from "vitest";
import { ConnectError } from "../../runner/core/model/errors.ts";
import type { Answered } from "../../runner/rpc/classify.ts";
import { Session, type LoginResult, type Stamp } from "../../runner/rpc/session.ts";
import { testClock } from "../support/rpc-server.ts";

interface Bench {
  readonly session: Session;
  readonly clock: ReturnType<typeof testClock>;
  readonly logins: () => number;
}

/** A session whose n-th login comes to what `outcome` says; tokens are `t1`, `t2` … */
function bench(outcome: (login: number, order: number) => LoginResult = succeed): Bench {
  const clock = testClock();
  let count = 0;
  const session: Session = new Session(
    {
      login: async () => {
        const order = session.nextOrder();
        await new Promise((resolve) => setTimeout(resolve, 5));
        return outcome(++count, order);
      },
      hasLogin: true,
      carry: ({ token }) => ({ members: String(token), headers: [], params: [], secrets: [] }),
      refresh: ({ body }) => (typeof body?.token === "string" ? { token: body.token } : undefined),
      idleMs: 1000,
      maxLogins: 3,
    },
    clock,
  );
  return { session, clock, logins: () => count };
}

function succeed(login: number, order: number): LoginResult {
  return { kind: "in", values: { token: `t${login}` }, order };
}
const answer = (token?: string): Answered => ({
  http: { kind: "answered", status: 200, text: "", headers: {} },
  body: token === undefined ? {} : { token },
});
const carriedBy = (stamp: Stamp | undefined): string | undefined => stamp?.carried.members;
const codeOf = (error: unknown): unknown => (error instanceof ConnectError ? error.code : error);
const refused = new ConnectError("login", "bad password");

it("logs in once for all who ask at the same time", async () => {
  const { session, logins } = bench();
  const stamps = await Promise.all(Array.from({ length: 20 }, () => session.open()));
  expect(new Set(stamps.map(carriedBy))).toEqual(new Set(["t1"]));
  expect(logins()).toBe(1);
});

it("tries a refused login once, and tells everybody the same, now and later", async () => {
  const { session, logins } = bench(() => ({ kind: "refused", error: refused }));
  const all = await Promise.allSettled(Array.from({ length: 20 }, () => session.open()));
  for (const one of all) expect(one).toEqual({ status: "rejected", reason: refused });
  await expect(session.open()).rejects.toBe(refused);
  expect(logins()).toBe(1);
});

describe("the newest token", () => {
  it("is the one from the answer to the request sent last, in whatever order the answers come", async () => {
    const { session } = bench();
    await session.open();
    const [early, late] = [session.nextOrder(), session.nextOrder()];
    session.heard(answer("late"), late);
    session.heard(answer("early"), early);
    expect(carriedBy(session.current())).toBe("late");
  });
  it("replaces a stale one without a login", async () => {
    const { session, logins } = bench();
    const old = await session.open();
    session.heard(answer("newer"), session.nextOrder());
    session.stale(old);
    expect(carriedBy(await session.open())).toBe("newer");
    expect(logins()).toBe(1);
  });
  it("is replaced by a login when it is stale itself, once for all", async () => {
    const { session, logins } = bench();
    const stamp = await session.open();
    for (let call = 0; call < 20; call++) session.stale(stamp);
    await Promise.all(Array.from({ length: 20 }, () => session.open()));
    expect([carriedBy(session.current()), logins()]).toEqual(["t2", 2]);
  });
  it("that is stale does not come back from an answer to an older request", async () => {
    const { session } = bench();
    await session.open();
    const [early, late] = [session.nextOrder(), session.nextOrder()];
    session.heard(answer("late"), late);
    session.stale(session.current()!);
    session.heard(answer("early"), early);
    expect(session.current()).toBeUndefined();
  });
  it("is not used after it has idled, and answers without a token do not refresh it", async () => {
    const { session, clock, logins } = bench();
    await session.open();
    clock.shift(900);
    session.heard(answer(), session.nextOrder());
    clock.shift(200);
    expect(session.current()).toBeUndefined();
    await session.open();
    expect(logins()).toBe(2);
  });
});

describe("logins in a row without an authenticated answer", () => {
  const loop = async ({ session }: Bench, rounds: number): Promise<unknown> => {
    for (let round = 0; round < rounds; round++) {
      try {
        session.stale(await session.open());
      } catch (error) {
        return error;
      }
    }
    return undefined;
  };
  it("end after three", async () => {
    const logged = bench();
    expect(await loop(logged, 10)).toMatchObject({ code: "login" });
    expect(logged.logins()).toBe(3);
  });
  it("end after three also when their answers were lost", async () => {
    const error = new ConnectError("connect", "lost");
    const lost = bench(() => ({ kind: "failed", error, counts: true }));
    const codes = [];
    for (let call = 0; call < 5; call++) codes.push(await lost.session.open().catch(codeOf));
    expect(codes).toEqual(["connect", "connect", "login", "login", "login"]);
    expect(lost.logins()).toBe(3);
  });
  it("do not count when nothing was sent", async () => {
    const error = new ConnectError("connect", "nobody listens");
    const down = bench((login, order) =>
      login < 9 ? { kind: "failed", error, counts: false } : succeed(login, order),
    );
    for (let call = 0; call < 8; call++) await expect(down.session.open()).rejects.toBe(error);
    expect(carriedBy(await down.session.open())).toBe("t9");
  });
  it("start anew after an authenticated answer", async () => {
    const logged = bench();
    for (let round = 0; round < 6; round++) {
      logged.session.stale(await logged.session.open());
      logged.session.heard(answer(), logged.session.nextOrder());
    }
    expect(logged.logins()).toBe(6);
  });
});
