import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { browserPackage } from "./browser.ts";
import { programs } from "./servers.ts";
import { aria2 } from "./servers/aria2.ts";
import { deluge } from "./servers/deluge.ts";
import { nzbget } from "./servers/nzbget.ts";
import { basic, post } from "./servers/post.ts";
import { snapserver } from "./servers/snapserver.ts";
import { transmission } from "./servers/transmission.ts";
import { tryton } from "./servers/tryton.ts";

// What configs and plans for these servers have to reckon with, found out by asking them. A newer version that answers
// otherwise is noticed here first.

/** As `any`: answers are looked at as they come. */
type Answer = ReturnType<typeof JSON.parse>;

it("finds every package among those that CI installs", () => {
  const script = readFileSync(resolve(import.meta.dirname, "../../.ci/run"), "utf8");
  const installed = /^packages=\((.*)\)$/m.exec(script)?.[1]?.split(" ") ?? [];
  expect(installed).toEqual([browserPackage, ...programs.flatMap(({ packages }) => packages)].sort());
});

describe.runIf(aria2.isAvailable)("aria2", () => {
  it("pages, and changes by text alone", async () => {
    await using server = await aria2.start(7);
    const list = async (offset: number, size: number): Promise<Answer> =>
      server.call("aria2.tellWaiting", [offset, size, ["gid", "status"]]);
    expect(await list(0, 100)).toHaveLength(7);
    expect(await list(5, 5)).toHaveLength(2);
    expect(await list(7, 5)).toEqual([]);
    const [{ gid, status }] = await list(1, 1);
    expect(status).toBe("paused");
    const limit = async (): Promise<unknown> =>
      ((await server.call("aria2.getOption", [gid])) as Answer)["max-download-limit"];
    const change = (options: object): Promise<unknown> => server.call("aria2.changeOption", [gid, options]);
    expect(await change({ "max-download-limit": "64K" })).toBe("OK");
    expect(await limit()).toBe("65536");
    expect(await change({ "max-download-limit": 1000 })).toBe("OK");
    expect(await change({ "no-such-option": "1" })).toBe("OK");
    expect(await limit()).toBe("65536");
  });

  it("says what is wrong with HTTP 400, and in its message alone", async () => {
    await using server = await aria2.start(1);
    const ask = (token: string, params: readonly unknown[]): Promise<Answer> =>
      post(server.url, { jsonrpc: "2.0", id: "1", method: "aria2.getOption", params: [`token:${token}`, ...params] });
    const { ARIA2_TOKEN: token = "" } = server.env;
    expect(await ask("wrong", ["0123456789abcdef"])).toMatchObject({
      status: 400,
      json: { id: "1", error: { code: 1, message: "Unauthorized" } },
    });
    expect(await ask(token, ["0123456789abcdef"])).toMatchObject({
      status: 400,
      json: { id: "1", error: { code: 1, message: "GID 0123456789abcdef is not found" } },
    });
    expect(await post(server.url, "nonsense")).toMatchObject({ status: 500, json: { id: null } });
  });
});

describe.runIf(transmission.isAvailable)("transmission", () => {
  it("stores half of a change that it refuses, and answers success to changes of nothing", async () => {
    await using server = await transmission.start(4);
    const fields = ["id", "labels", "downloadLimit", "bandwidthPriority", "no-such-field"];
    const read = async (ids: readonly number[]): Promise<Answer> =>
      ((await server.call("torrent-get", { ids, fields })) as Answer).torrents;
    const [{ id }] = await read([2]);
    await expect(server.call("torrent-set", { ids: [id], downloadLimit: 77, labels: [""] })).rejects.toThrow(
      "labels cannot be empty",
    );
    for (const params of [{ bandwidthPriority: 7 }, { bandwidthPriority: "1" }, { noSuchMember: 1 }])
      expect(await server.call("torrent-set", { ids: [id], ...params })).toEqual({});
    expect(await server.call("torrent-set", { ids: [99], bandwidthPriority: 1 })).toEqual({});
    expect(await server.call("torrent-set", { ids: [id], labels: [" a"] })).toEqual({});
    expect(await read([id])).toEqual([
      { id, labels: ["a"], downloadLimit: 77, bandwidthPriority: 0, "no-such-field": 0 },
    ]);
    expect(await read([99])).toEqual([]);
  });

  it("has a session in a header, which ends when it starts anew, and answers with ids that are numbers alone", async () => {
    await using server = await transmission.start(1);
    const { TRANSMISSION_USER: user = "", TRANSMISSION_PASSWORD: password = "" } = server.env;
    const ask = (tag: unknown, session: string, secret = password): Promise<Answer> =>
      post(
        server.url,
        { method: "session-get", arguments: { fields: ["version"] }, tag },
        { authorization: basic(user, secret), "x-transmission-session-id": session },
      );
    const refused = await ask(1, "");
    expect(refused).toMatchObject({ status: 409, json: undefined });
    const session = refused.headers["x-transmission-session-id"];
    expect((await ask(7, session)).json).toMatchObject({ result: "success", tag: 7 });
    expect((await ask("7", session)).json).not.toHaveProperty("tag");
    expect(await ask(7, session, "wrong")).toMatchObject({ status: 401, json: undefined });
    await server.restart();
    expect(await ask(7, session)).toMatchObject({ status: 409 });
    expect(await server.call("torrent-get", { fields: ["id"] })).toEqual({ torrents: [{ id: 1 }] });
  });
});

describe.runIf(deluge.isAvailable)("deluge", () => {
  it("raises an error and stores all the same, and takes an unknown option for done", async () => {
    await using server = await deluge.start(3);
    const list = async (): Promise<Answer> => server.call("core.get_torrents_status", [{}, ["max_download_speed"]]);
    const ids = Object.keys(await list());
    const set = (targets: readonly (string | undefined)[], options: object): Promise<unknown> =>
      server.call("core.set_torrent_options", [targets, options]);
    const [first = "", second = "", third = ""] = ids;
    await expect(set([first], { max_download_speed: "70" })).rejects.toThrow("Traceback");
    await expect(set([second, "00", third], { max_download_speed: 44 })).rejects.toThrow("KeyError");
    expect(await set([third], { no_such_option: 1 })).toBeNull();
    const after = await list();
    expect(after[first].max_download_speed).toBe("70");
    expect(after[second].max_download_speed).toBe(44);
    expect(after[third].max_download_speed).not.toBe(44);
    expect(await server.call("core.get_torrents_status", [{ id: ["00"] }, ["name"]])).toEqual({});
    await set([third], { max_download_speed: 33.3333 });
    expect((await list())[third].max_download_speed).toBe(33.33330154418945);
  });

  it("logs in by an answer and a cookie, and knows no method of a daemon that it is not connected to", async () => {
    await using server = await deluge.start(1);
    const ask = (method: string, params: readonly unknown[], headers = {}): Promise<Answer> =>
      post(server.url, { method, params, id: "a" }, headers);
    expect((await ask("web.connected", [])).json).toMatchObject({ error: { code: 1, message: "Not authenticated" } });
    expect((await ask("auth.login", ["wrong"])).json).toEqual({ result: false, error: null, id: "a" });
    const login = await ask("auth.login", [server.env["DELUGE_PASSWORD"]]);
    expect(login.json).toEqual({ result: true, error: null, id: "a" });
    const cookie = String(login.headers["set-cookie"]).split(";")[0] ?? "";
    expect((await ask("web.connected", [], { cookie })).json).toMatchObject({ result: true });
    await server.restart();
    expect((await ask("web.connected", [], { cookie })).json).toMatchObject({ result: false });
    expect((await ask("core.get_session_state", [], { cookie })).json).toMatchObject({ error: { code: 2 } });
    expect((await ask("web.connect", ["nowhere"], { cookie })).json).toEqual({ result: null, error: null, id: "a" });
    // Told to let go of the daemon, it does not answer for it any more at all.
    await ask("web.connect", ["daemon"], { cookie });
    await ask("web.disconnect", [], { cookie });
    const unanswered = ask("core.get_session_state", [], { cookie }).catch(() => "cut off");
    expect(await Promise.race([unanswered, sleep(500, "silence")])).toBe("silence");
    const charset = { cookie, "content-type": "application/json; charset=utf-8" };
    expect((await ask("web.connected", [], charset)).json).toMatchObject({ error: { code: 5 }, id: null });
  });
});

describe.runIf(tryton.isAvailable)("tryton", () => {
  it("answers with the bare result where the body has a member too many, and ends all sessions of a user", async () => {
    await using server = await tryton.start(5);
    const list = (offset: number): Promise<unknown> =>
      server.call("model.party.party.search_read", [[], offset, 3, [["id", "ASC"]], ["code", "lang"], {}]);
    const parties = (await list(0)) as Answer;
    expect(parties.map(({ code }: Answer) => code)).toEqual(["P-0000", "P-0001", "P-0002"]);
    expect(parties[1].lang).toBeNull();
    expect(await list(100)).toEqual([]);
    const write = (ids: readonly unknown[], values: object): Promise<unknown> =>
      server.call("model.party.party.write", [ids, values, {}]);
    const { id } = parties[1];
    await expect(write([id, 99_999], { name: "x" })).rejects.toThrow(`{"id":1,"error":["UserError",["You are trying`);
    expect(await write([id], { active: "no", name: " 7", lang: 99_999 })).toBeNull();
    expect(await server.call("model.party.party.read", [[id], ["active", "name", "lang"], {}])).toEqual([
      { id, active: 1, name: " 7", lang: 99_999 },
    ]);
    expect(await write([], { name: "x" })).toBeNull();

    const ask = (method: string, params: unknown, more = {}, headers = {}): Promise<Answer> =>
      post(server.url, { id: "1", method, params, ...more }, headers);
    const { json } = await ask("common.db.login", ["admin", { password: server.env["TRYTON_PASSWORD"] }, "en"]);
    const session = { authorization: `Session ${Buffer.from(["admin", ...json.result].join(":")).toString("base64")}` };
    const count = (more = {}): Promise<Answer> => ask("model.party.party.search_count", [[], {}], more, session);
    expect((await count()).json).toEqual({ id: "1", result: 5 });
    expect((await count({ jsonrpc: "2.0" })).json).toBe(5);
    await server.endSessions();
    expect(await count()).toMatchObject({ status: 401, text: "" });
  });
});

describe.runIf(nzbget.isAvailable)("nzbget", () => {
  it("answers true to an edit that it refuses, and says of unknown ids only where all are", async () => {
    await using server = await nzbget.start(3);
    const list = async (): Promise<Answer> => server.call("listgroups", [0]);
    const [{ NZBID: id, NZBName: name }] = await list();
    const edit = (action: string, value: unknown, ids: readonly number[]): Promise<unknown> =>
      server.call("editqueue", [action, value, ids]);
    expect(await edit("GroupSetName", "", [id])).toBe(true);
    expect((await list())[0].NZBName).toBe(name);
    expect(await edit("GroupSetName", "a/b<c> d", [id])).toBe(true);
    expect(await edit("GroupSetPriority", "50", [id])).toBe(true);
    expect((await list())[0]).toMatchObject({ NZBName: "b_c_ d", MaxPriority: 50 });
    expect(await edit("GroupSetPriority", "fast", [id])).toBe(true);
    expect((await list())[0]).toMatchObject({ MaxPriority: 0 });
    expect(await edit("GroupSetPriority", "50", [9999])).toBe(false);
    expect(await edit("GroupSetPriority", "50", [id, 9999])).toBe(true);
    await expect(edit("GroupSetPriority", 50, [id])).rejects.toThrow("Invalid parameter");
    expect(await post(server.url, "{}", { authorization: basic("rollcall", "wrong") })).toMatchObject({
      status: 401,
      text: "",
    });
  });
});

describe.runIf(snapserver.isAvailable)("snapserver", () => {
  it("answers large ids with other ones, and success to a volume that it does not take", async () => {
    await using server = await snapserver.start(5);
    const { groups } = ((await server.call("Server.GetStatus", {})) as Answer).server;
    expect(groups.map(({ clients }: Answer) => clients.length)).toEqual([3, 2]);
    const { id } = groups[0].clients[1];
    const volume = (percent: unknown): Promise<unknown> => server.call("Client.SetVolume", { id, volume: { percent } });
    expect(await volume(55)).toEqual({ volume: { muted: false, percent: 55 } });
    expect(await volume("12")).toEqual({ volume: { muted: false, percent: 55 } });
    expect(await volume(-5)).toEqual({ volume: { muted: false, percent: 65_531 } });
    const read = async (): Promise<Answer> => server.call("Client.GetStatus", { id });
    expect((await read()).client.config.volume.percent).toBe(65_531);
    expect(await server.call("Client.SetName", { id, name: " hall " })).toEqual({ name: " hall " });
    expect((await read()).client.config.name).toBe("hall");
    await expect(server.call("Client.SetName", { id: "?", name: "x" })).rejects.toThrow(`"data":"Client not found"`);
    const large = `{"jsonrpc":"2.0","id":9007199254740993,"method":"Server.GetRPCVersion"}`;
    expect((await post(server.url, large)).json.id).toBe(1);
  });
});
