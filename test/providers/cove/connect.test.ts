import { describe, expect, it } from "vitest";
import { ConnectError, IncompleteError } from "../../../runner/core/model/errors.ts";
import { itemId, type Item } from "../../../runner/core/model/item.ts";
import type { Answer } from "../../../runner/core/model/outcome.ts";
import type { Connection, ListRequest, Outside, WriteOptions } from "../../../runner/core/model/ports.ts";
import type { Service } from "../../../runner/core/model/service.ts";
import { Secret } from "../../../runner/core/model/secret.ts";
import { cove } from "../../../runner/providers/cove/connect.ts";
import {
  never,
  outsideFor,
  serviceFor,
  silentLog,
  startRpcServer,
  testClock,
  type Answering,
  type Asked,
  type RpcServer,
} from "../../support/rpc-server.ts";

const user = { result: { Id: 7, PartnerId: 5, Name: "bob-user" } };
const change = { method: "ModifyAccount", params: { accountInfo: { Id: 1, ProductId: 2 } } };

type Answers = (asked: Asked, answering: Answering) => void;

interface Setup {
  readonly server: RpcServer;
  readonly line: Connection;
  readonly asked: (method: string) => readonly Asked[];
}

/** Logs in to a server that answers everything else as told. */
async function withLine(
  answers: Answers,
  test: (setup: Setup) => Promise<void>,
  { service = {}, outside = {} }: { service?: Partial<Service>; outside?: Partial<Outside> } = {},
): Promise<void> {
  let logins = 0;
  await using server = await startRpcServer((asked, answering) => {
    if (asked.method === "Login") answering.result(user, { visa: `login-${++logins}` });
    else answers(asked, answering);
  });
  await using line = await cove.connect(serviceFor(server.url, service), outsideFor(outside), never);
  await test({ server, line, asked: (method) => server.asked.filter((call) => call.method === method) });
}

function write(line: Connection, more: Partial<WriteOptions> = {}): Promise<Answer> {
  return line.write(change, {
    id: "run-1-1",
    ready: () => Promise.resolve(true),
    reveal: () => "",
    signal: never,
    ...more,
  });
}

function listOf(...names: string[]): ListRequest {
  const facts = cove.catalogue().list("EnumerateAccountStatistics")!;
  const fields = names.map((name) => facts.field(name)!);
  return { method: facts.method, params: { query: { PartnerId: 5 } }, fields, key: "device_id" };
}

async function all(line: Connection, list: ListRequest): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of line.pages(list, never)) items.push(...page);
  return items;
}

describe("the login", () => {
  it("sends partner, user and token, and learns who we are and how far our clock is off", async () => {
    const clock = { ...testClock(), now: () => Date.now() + 90_000 };
    const answers: Answers = (_asked, { result }) => result(null);
    await withLine(
      answers,
      ({ line, asked }) => {
        expect(line.login).toEqual({ user_id: 7, partner_id: 5, name: "bob-user" });
        expect(Math.abs(line.skewMs! - 90_000)).toBeLessThan(1500);
        const [login] = asked("Login");
        expect(login!.params).toEqual({
          partner: "Acme (bob@acme.net)",
          username: "bob-user",
          password: "s3cret-token",
        });
        expect(login!.text).not.toContain("visa");
        return Promise.resolve();
      },
      { outside: { clock } },
    );
  });

  it("leaves the partner out when there is none", async () => {
    const credentials = () => Promise.resolve({ username: new Secret("u"), password: new Secret("p") });
    const check = ({ asked }: Setup): Promise<void> => {
      expect(asked("Login")[0]!.params).toEqual({ username: "u", password: "p" });
      return Promise.resolve();
    };
    await withLine((_asked, { result }) => result(null), check, { service: { credentials } });
  });

  it("that is refused is tried once and says what to do, without the password", async () => {
    await using server = await startRpcServer((_asked, { error }) =>
      error(2100, "Unknown partner/username or bad password &quot;s3cret-token&quot;"),
    );
    const refusal = await cove.connect(serviceFor(server.url), outsideFor(), never).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ConnectError);
    expect(refusal).toMatchObject({ code: "login", exitCode: 4 });
    expect((refusal as Error).message).toContain('bad password "[redacted]"');
    expect(server.asked).toHaveLength(1);
  });

  it("that meets only trouble is tried three times", async () => {
    await using server = await startRpcServer((_asked, { raw }) => raw("<html>", 502));
    await expect(cove.connect(serviceFor(server.url), outsideFor(), never)).rejects.toThrow(ConnectError);
    expect(server.asked).toHaveLength(3);
  });

  it("that is interrupted ends at once", async () => {
    const giveUp = new AbortController();
    await using server = await startRpcServer(() => giveUp.abort());
    const ended = cove.connect(serviceFor(server.url), outsideFor(), giveUp.signal);
    await expect(ended).rejects.toMatchObject({ code: "interrupted" });
  });
});

describe("the visa", () => {
  it("is carried beside params, and the newest one is used: errors bring one too", async () => {
    let count = 0;
    const answers: Answers = (_asked, { result, error }) => {
      const visa = `visa-${++count}`;
      if (count === 2) error(13501, "no", { visa });
      else result(null, { visa });
    };
    await withLine(answers, async ({ line, asked }) => {
      for (let call = 0; call < 4; call++) await write(line);
      expect(asked("ModifyAccount").map(({ visa }) => visa)).toEqual(["login-1", "visa-1", "visa-2", "visa-3"]);
      expect(asked("ModifyAccount")[0]!.params).toEqual(change.params);
    });
  });

  it("is asked for anew after 13 idle minutes", async () => {
    const clock = testClock();
    const test = async ({ line, asked }: Setup): Promise<void> => {
      await write(line);
      clock.shift(13 * 60_000 - 1000);
      await write(line);
      expect(asked("Login")).toHaveLength(1);
      clock.shift(13 * 60_000 + 1);
      await write(line);
      expect(asked("Login")).toHaveLength(2);
      expect(asked("ModifyAccount").at(-1)!.visa).toBe("login-2");
    };
    await withLine((_asked, { result }) => result(null, { visa: "v" }), test, { outside: { clock } });
  });

  it("refused to twenty calls at once makes one login, and every call is repeated under its own id", async () => {
    const answers: Answers = ({ visa }, { result, error }) => {
      if (visa === "login-1") error(1701, "Visa is inconsistent/corrupted.", { visa: "poisoned" });
      else result(null, { visa: "fresh" });
    };
    await withLine(
      answers,
      async ({ line, asked }) => {
        const calls = Array.from({ length: 20 }, (_, call) => write(line, { id: `run-${call}-1` }));
        expect(await Promise.all(calls)).toEqual(calls.map(() => ({ kind: "accepted" })));
        expect(asked("Login")).toHaveLength(2);
        const ids = asked("ModifyAccount").map(({ id }) => id);
        expect(new Set(ids).size).toBe(20);
        expect(asked("ModifyAccount").map(({ visa }) => visa)).not.toContain("poisoned");
      },
      { outside: { concurrency: 20 } },
    );
  });

  it("refused again after a new login is not acted, never rejected, and three logins are the end", async () => {
    await withLine(
      (_asked, { error }) => error(1701, "Visa is inconsistent/corrupted."),
      async ({ line, asked }) => {
        expect(await write(line)).toMatchObject({ kind: "not-acted", failure: { class: "auth", code: "1701" } });
        expect(await write(line)).toMatchObject({ kind: "not-acted" });
        expect(await write(line)).toMatchObject({ kind: "not-acted", failure: { class: "fatal", code: "login" } });
        expect(asked("Login")).toHaveLength(3);
      },
    );
  });
});

describe("a write", () => {
  it("hides the visa it carried, though a newer one came in the meantime", async () => {
    const held: (() => void)[] = [];
    const answers: Answers = ({ id, visa }, { result, error }) => {
      if (id === "slow") held.push(() => error(99, `not with ${visa ?? ""}`));
      else result(null, { visa: "newer" });
    };
    await withLine(answers, async ({ line }) => {
      const slow = write(line, { id: "slow" });
      await write(line, { id: "quick" });
      while (held.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      held.forEach((answer) => answer());
      expect(await slow).toMatchObject({ failure: { message: "not with [redacted]" } });
    });
  });

  const cases: Record<string, [Answers, object]> = {
    "is accepted by a void result": [(_asked, { result }) => result(null), { kind: "accepted" }],
    "is rejected by a clear error": [
      (_asked, { error }) => error(13501, "Operation failed because of security reasons"),
      {
        kind: "rejected",
        failure: { class: "reject", code: "13501", message: expect.stringContaining("role of this user") },
      },
    ],
    "is not acted on 429, and the pause is passed on": [
      (_asked, { raw }) => raw("", 429, { "retry-after": "7" }),
      { kind: "not-acted", failure: { class: "throttle" }, retryAfterMs: 7000 },
    ],
    "is lost on 503": [(_asked, { raw }) => raw("", 503, { "retry-after": "7" }), { kind: "lost" }],
    "is lost on a web page": [(_asked, { raw }) => raw("<html>"), { kind: "lost", failure: { code: "bad-json" } }],
    "is lost when cut": [
      ({ id }, { raw }) => raw(`{"id":"${id}","result":nul`),
      { kind: "lost", failure: { code: "bad-json" } },
    ],
    "is lost under another id": [(_asked, { raw }) => raw('{"id":"x","result":null}'), { kind: "lost" }],
    "is lost without an id": [(_asked, { raw }) => raw('{"result":null}'), { kind: "lost" }],
    "is lost on a reset": [
      (_asked, { socket }) => socket.resetAndDestroy(),
      { kind: "lost", failure: { code: "reset" } },
    ],
    "is lost on a redirect": [(_asked, { raw }) => raw("", 307, { location: "/x" }), { kind: "lost" }],
    "is lost when nobody answers in time": [() => undefined, { kind: "lost", failure: { code: "timeout" } }],
  };
  it.each(Object.keys(cases))("%s, and is sent once", async (name) => {
    const [answers, expected] = cases[name]!;
    const limits = { concurrency: 8, timeoutMs: 250, body: 1_000_000, message: 500 };
    const test = async ({ line, asked }: Setup): Promise<void> => {
      expect(await write(line)).toMatchObject(expected);
      expect(asked("ModifyAccount")).toHaveLength(1);
    };
    await withLine(answers, test, { service: { limits } });
  });

  it("is not acted when nobody listens any more", async () => {
    await withLine(
      (_asked, { result }) => result(null),
      async ({ line, server }) => {
        await server[Symbol.asyncDispose]();
        const answer = await write(line);
        expect(answer).toMatchObject({ kind: "not-acted", failure: { class: "not_acted", code: "connect" } });
      },
    );
  });

  it("asks `ready` last: with a no, or an abort before it, no byte leaves", async () => {
    await withLine(
      (_asked, { result }) => result(null),
      async ({ line, asked }) => {
        expect(await write(line, { ready: () => Promise.resolve(false) })).toEqual({ kind: "withdrawn" });
        expect(await write(line, { signal: AbortSignal.abort() })).toEqual({ kind: "withdrawn" });
        expect(asked("ModifyAccount")).toEqual([]);
      },
    );
  });

  it("is lost when it is given up after its bytes have left", async () => {
    const giveUp = new AbortController();
    await withLine(
      () => giveUp.abort(),
      async ({ line }) => {
        expect(await write(line, { signal: giveUp.signal })).toMatchObject({
          kind: "lost",
          failure: { code: "aborted" },
        });
      },
    );
  });

  it("fills secret inputs in while sending, and keeps them, the visa and the password out of its message", async () => {
    const answers: Answers = ({ params, visa }, { error }) =>
      error(99, `${params.text} &amp; ${visa} &amp; s3cret-token\u001b[2J &amp; ${params.text.slice(4)}`);
    await withLine(answers, async ({ line }) => {
      const request = { method: "M", params: { text: { $secret: ["pin ", { input: "pin" }] } } };
      const reveal: WriteOptions["reveal"] = ({ $secret }) =>
        $secret.map((part) => (typeof part === "string" ? part : "4711-4711")).join("");
      const answer = await line.write(request, { id: "i", ready: () => Promise.resolve(true), reveal, signal: never });
      const message = "[redacted] & [redacted] & [redacted] [2J & [redacted]";
      expect(answer).toEqual({ kind: "rejected", failure: { class: "reject", code: "99", message } });
    });
  });

  it("keeps them out of its code as well, which a service may fill with any text", async () => {
    const answers: Answers = ({ visa, id }, { raw }) =>
      raw(JSON.stringify({ id, error: { code: 1, data: `${visa} \u001b[2J${"x".repeat(500)}`, message: "no" } }));
    await withLine(answers, async ({ line }) => {
      const answer = await write(line);
      expect(answer).toMatchObject({
        kind: "rejected",
        failure: { code: expect.stringMatching(/^\[redacted\] \[2Jx{4,45}…$/) as string },
      });
    });
  });

  it("is in doubt about an answer that nests without end, and does not fall over it", async () => {
    const answers: Answers = (_, { raw }) => raw(`{"id":${"[".repeat(50_000)}${"]".repeat(50_000)},"result":null}`);
    await withLine(answers, async ({ line }) => {
      expect(await write(line)).toMatchObject({ kind: "lost", failure: { code: "bad-json" } });
    });
  });
});

/** The device list over rows that may change between requests. */
function serveRows(rows: () => readonly object[]): Answers {
  return ({ params }, { result }) => {
    const { StartRecordNumber: start, RecordsCount: count } = params.query;
    result({ result: rows().slice(Number(start), Number(start) + Number(count)) });
  };
}
const row = (id: number, settings: object = {}): object => ({
  AccountId: id,
  PartnerId: 5,
  Flags: null,
  Settings: Object.entries(settings).map(([code, value]) => ({ [code]: value })),
});

describe("the device list", () => {
  it("types every value, by either spelling of a column, and what is missing is null", async () => {
    const settings = { PD: "12", I32: ["1", "2"], I59: "99", D9F0: "5", I1: "", I78: "D01D02" };
    const { warnings, ...log } = silentLog();
    await withLine(
      serveRows(() => [row(3, settings), { ...row(4), Settings: null, Flags: ["A"] }]),
      async ({ line, asked }) => {
        const names = [
          "device_id",
          "partner_id",
          "flags",
          "product_id",
          "os_type",
          "account_type",
          "D09F00",
          "device_name",
        ];
        const [first, second] = await all(line, listOf(...names));
        expect(first!.fields).toEqual({
          device_id: 3,
          partner_id: 5,
          flags: [],
          product_id: 12,
          os_type: "workstation",
          account_type: "99",
          D09F00: "completed",
          device_name: null,
        });
        expect(second!.fields).toMatchObject({ device_id: 4, flags: ["A"], product_id: null });
        expect(Object.keys(second!.fields)).toEqual(names);
        expect(asked("EnumerateAccountStatistics")[0]!.params.query).toEqual({
          PartnerId: 5,
          Columns: ["I9", "I32", "I59", "D09F00", "I1"],
          OrderBy: "AU ASC",
          StartRecordNumber: 0,
          RecordsCount: 500,
        });
      },
      { outside: { log: { ...log, warn: (_facts, message) => warnings.push(message) } } },
    );
    expect(warnings).toEqual(["unknown value of account_type; kept as its text"]);
  });

  it.each([[[]], [null]])("that is %j, said twice, is empty", async (nothing) => {
    await withLine(
      (_asked, { result }) => result({ result: nothing }),
      async ({ line, asked }) => {
        expect(await all(line, listOf("device_id"))).toEqual([]);
        expect(asked("EnumerateAccountStatistics")).toHaveLength(2);
      },
    );
  });

  it("goes on after trouble on the way, and tells whole lists from broken ones", async () => {
    let count = 0;
    const rows = serveRows(() => [row(1), row(2), row(3)]);
    const answers: Answers = (asked, answering) => {
      count += 1;
      if (count === 1) answering.socket.resetAndDestroy();
      else if (count === 2) answering.raw("", 503);
      else if (count === 3) answering.raw("", 429, { "retry-after": "0" });
      else rows(asked, answering);
    };
    await withLine(answers, async ({ line }) => {
      expect((await all(line, listOf("device_id"))).map(({ id }) => id)).toEqual(["1", "2", "3"]);
    });
  });

  it("is given up when the service asks for a pause that nobody waits for", async () => {
    const answers: Answers = (_asked, { raw }) => raw("", 429, { "retry-after": "3600" });
    await withLine(answers, async ({ line, asked }) => {
      await expect(all(line, listOf("device_id"))).rejects.toThrow(/asked for a pause, 3\d\d\d s of which are left/);
      expect(asked("EnumerateAccountStatistics")).toHaveLength(1);
    });
  });

  it("is whole when a start behind its last row is refused", async () => {
    const rows = serveRows(() => [row(1), row(2)]);
    const answers: Answers = (asked, answering) => {
      if (asked.params.query.StartRecordNumber < 2) rows(asked, answering);
      else answering.error(-1, "StartRecordNumber is out of range");
    };
    await withLine(answers, async ({ line }) => {
      expect((await all(line, listOf("device_id"))).map(({ id }) => id)).toEqual(["1", "2"]);
    });
  });

  it("is not whole when any other start is refused", async () => {
    const answers: Answers = (asked, answering) => {
      if (asked.params.query.StartRecordNumber > 0) answering.error(13501, "no");
      else serveRows(() => [row(1), row(2)])(asked, answering);
    };
    await withLine(answers, async ({ line }) => {
      await expect(all(line, listOf("device_id"))).rejects.toThrow(/could not be read from row 1 on: no/);
    });
  });

  it.each<[string, Answers, RegExp]>([
    [
      "a refused column",
      (_asked, { error }) => error(13501, "no"),
      /could not be read from row 0 on: no \(check the role/,
    ],
    [
      "a column twice and different",
      serveRows(() => [{ AccountId: 3, Settings: [{ I9: "5" }, { PD: "99" }] }]),
      /two different values of PD/,
    ],
    ["a row without a key", serveRows(() => [{ Settings: [] }]), /without AccountId/],
    ["a key that was rounded", serveRows(() => [row(2 ** 60)]), /AccountId 1152921504606847000, which can not be told/],
    [
      "text in a number",
      serveRows(() => [row(3, { I9: "many" })]),
      /Device 3, product_id \(I9\): expected a whole number/,
    ],
    ["something else", (_asked, { result }) => result({ result: "rows" }), /not a list/],
  ])("with %s is refused", async (_name, answers, message) => {
    await withLine(answers, async ({ line }) => {
      const reading = all(line, listOf("device_id", "product_id"));
      await expect(reading).rejects.toThrow(IncompleteError);
      await expect(reading).rejects.toThrow(message);
    });
  });

  it("ends quietly when the run stops", async () => {
    const stop = new AbortController();
    const rows = Array.from({ length: 600 }, (_, index) => row(index + 1));
    await withLine(
      serveRows(() => rows),
      async ({ line }) => {
        let count = 0;
        for await (const page of line.pages(listOf("device_id"), stop.signal)) {
          count += page.length;
          stop.abort();
        }
        expect(count).toBe(500);
      },
    );
  });
});

describe("a single device", () => {
  const account = { Id: 3, ProductId: 12, ProfileId: null, NameAlias: "", PartnerId: 5, ExpirationTime: 0 };
  const list = listOf("device_id", "product_id", "profile_id", "device_name_alias", "expiration_date", "device_name");

  it("is read by id when that says all that is asked for", async () => {
    await withLine(
      (_asked, { result }) => result({ result: account }),
      async ({ line, asked }) => {
        const names = ["product_id", "profile_id", "device_name_alias", "expiration_date"];
        expect(await line.read(list, itemId("3"), names, never)).toMatchObject({
          kind: "found",
          source: "GetAccountInfoById",
          lagMs: 0,
          fields: { product_id: 12, profile_id: null, device_name_alias: null, expiration_date: null },
        });
        expect(asked("GetAccountInfoById")[0]!.params).toEqual({ accountId: 3 });
      },
    );
  });

  it.each<[string, (answering: Answering) => void]>([
    ["refuses", ({ error }) => error(20404, "doesn't exist")],
    ["knows another one", ({ result }) => result({ result: { ...account, Id: 4 } })],
    ["says nothing", ({ result }) => result(null)],
    ["leaves out what is asked for", ({ result }) => result({ result: { Id: 3, Name: "PC" } })],
    ["knows a removed one", ({ result }) => result({ result: { ...account, RemovalTime: 1_700_000_000 } })],
  ])("is looked up in the list when the call by id %s", async (_name, byId) => {
    const rows = serveRows(() => [row(3, { I9: "13" })]);
    const answers: Answers = (asked, answering) =>
      asked.method === "GetAccountInfoById" ? byId(answering) : rows(asked, answering);
    await withLine(answers, async ({ line }) => {
      const reading = await line.read(list, itemId("3"), ["product_id"], never);
      expect(reading).toMatchObject({ kind: "found", lagMs: 200, fields: { product_id: 13 } });
    });
  });

  it("is found in the list by a filter that keeps the plan's own", async () => {
    const own = { ...list, params: { query: { PartnerId: 5, Filter: "AT == 1 OR OT == 2" } } };
    await withLine(
      serveRows(() => []),
      async ({ line, asked }) => {
        expect(await line.read(own, itemId("3"), ["device_name"], never)).toMatchObject({ kind: "absent" });
        const { query } = asked("EnumerateAccountStatistics")[0]!.params;
        expect(query.Filter).toBe("(AT == 1 OR OT == 2) AND (AU == 3)");
        expect(query.Columns).toEqual(["I9", "I54", "I2", "I5", "I1"]);
      },
    );
  });

  it("is unreadable, not absent, when the filter is not honoured, the value is broken, or nobody answers", async () => {
    const readings: string[] = [];
    let rows: readonly object[] | undefined = [row(4)];
    const answers: Answers = (asked, answering) =>
      rows === undefined ? answering.raw("", 500) : serveRows(() => rows!)(asked, answering);
    await withLine(answers, async ({ line }) => {
      const look = async (id: string): Promise<void> => {
        const reading = await line.read(list, itemId(id), ["device_name"], never);
        readings.push(reading.kind === "unreadable" ? reading.failure.code : reading.kind);
      };
      await look("3");
      rows = [row(3, { I9: "many" })];
      await look("3");
      rows = undefined;
      await look("3");
      await look("3) OR (1 == 1");
    });
    expect(readings).toEqual(["filter-ignored", "bad-value", "http-500", "bad-id"]);
  });
});
