import type { IncomingMessage, ServerResponse } from "node:http";
import { once } from "node:events";
import { RunnerError } from "../core/model/errors.ts";
import type { Log } from "../core/model/ports.ts";
import { openDocument } from "../reporters/documents/model.ts";
import { htmlOf, type Live } from "../reporters/documents/html/page.ts";
import { script as reportScript } from "../reporters/documents/html/script.ts";
import { style as reportStyle } from "../reporters/documents/html/style.ts";
import type { RunFolder } from "../runs/folder.ts";
import { workersOn } from "../runs/history/workers.ts";
import { answerControl, type Control } from "./control.ts";
import type { Door } from "./door.ts";
import { ListWatch } from "./list-watch.ts";
import { sendPage, sendRefusal } from "./pages/frame.ts";
import { listPage } from "./pages/list.ts";
import { runBar } from "./pages/run-bar.ts";
import { runScript } from "./pages/run-script.ts";
import { style } from "./pages/style.ts";
import { head, pageType, policyFor, sendJson } from "./replies.ts";
import { heardBefore, type Route } from "./routes.ts";
import { Shelf } from "./shelf.ts";
import { Streams } from "./streams.ts";
import { Watches } from "./watch.ts";

/** Runs on one page of the list. */
const mostRuns = 100;

export interface SiteOptions {
  /** The folder that holds `.rollcall/`. */
  readonly root: string;
  /** Zone of times. */
  readonly zone: string;
  /** Makes a complete command line, for people to copy. */
  readonly command: (...words: readonly string[]) => string;
  /** Left out: pages only show. */
  readonly control?: Control;
  readonly log: Log;
}

/** What is asked, and where the answer goes. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** The pages, and what they are told while they are open. */
export class Site {
  readonly #options: SiteOptions;
  readonly #door: Pick<Door, "key">;
  readonly #shelf: Shelf;
  readonly #list: ListWatch;
  readonly #watches: Watches;
  readonly #streams = new Streams();

  constructor(options: SiteOptions, door: Pick<Door, "key">) {
    const { root, zone, command, log } = options;
    this.#options = options;
    this.#door = door;
    this.#shelf = new Shelf(root);
    this.#list = new ListWatch(this.#shelf, { zone, most: mostRuns, log });
    this.#watches = new Watches({ root, whereabouts: { zone, command } });
  }

  /** Answer somebody who was let in. */
  async answer(route: Route | undefined, exchange: Exchange): Promise<void> {
    const { response } = exchange;
    switch (route?.kind) {
      case undefined:
        sendRefusal(response, 404, notHere);
        return;
      case "list":
        await this.#sendList(route, response);
        return;
      case "list-events":
        this.#listenToList(response);
        return;
      case "run":
      case "run-events":
      case "control":
        await this.#answerRun(route, exchange);
        return;
    }
    route satisfies never;
  }

  close(): void {
    this.#streams.closeAll();
  }

  async #answerRun(route: Extract<Route, { run: unknown }>, exchange: Exchange): Promise<void> {
    const { response, request } = exchange;
    const folder = await this.#shelf.find(route.run);
    if (folder === undefined) sendRefusal(response, 404, notHere);
    else if (route.kind === "run") await this.#sendRun(folder, response);
    else if (route.kind === "control") await this.#control(folder, exchange);
    else await this.#listenToRun(folder, heardBefore(request) ?? route.heard, response);
  }

  async #sendList({ after }: Extract<Route, { kind: "list" }>, response: ServerResponse): Promise<void> {
    const { root: folder, zone } = this.#options;
    if (after !== undefined && (await this.#shelf.find(after)) === undefined) {
      sendRefusal(response, 404, notHere);
      return;
    }
    const stretch = await this.#shelf.list({ after, most: mostRuns });
    sendPage(response, 200, listPage({ ...stretch, folder, zone, isNewest: after === undefined }));
  }

  /** The report of the run, with what it does now above it; sent as it is made. */
  async #sendRun(folder: RunFolder, response: ServerResponse): Promise<void> {
    // What happens in between the report knows, and the bar hears of.
    const live = await this.#live(folder);
    const worker = (await workersOn(this.#options.root)).get(folder.run);
    const document = await openDocument(folder, { stories: true, worker });
    const pieces = htmlOf(document, { live });
    head(response, 200, { type: pageType, policy: runPolicy });
    for await (const piece of pieces) {
      if (response.closed) return;
      if (!response.write(piece)) await Promise.race([once(response, "drain"), once(response, "close")]);
    }
    response.end();
  }

  async #live(folder: RunFolder): Promise<Live> {
    const { control, zone } = this.#options;
    const { run } = folder;
    const { glance, seq } = await this.#watches.glance(folder);
    const key = control === undefined ? undefined : this.#door.key;
    return {
      csp: runPolicy,
      style,
      body: runBar({ run, glance, seq, key, at: Date.now(), zone }).text,
      script: runScript,
    };
  }

  async #control(folder: RunFolder, exchange: Exchange): Promise<void> {
    const { control } = this.#options;
    if (control === undefined) sendJson(exchange.response, 403, readOnly);
    else await answerControl(folder, control, exchange);
  }

  #listenToList(response: ServerResponse): void {
    if (this.#isFull(response)) return;
    const stream = this.#streams.open(response, () => this.#list.leave(stream));
    this.#list.listen(stream);
  }

  async #listenToRun(folder: RunFolder, heard: number | undefined, response: ServerResponse): Promise<void> {
    if (this.#isFull(response)) return;
    const watch = this.#watches.of(folder);
    const stream = this.#streams.open(response, () => this.#watches.forget(folder, stream));
    try {
      await watch.listen(stream, heard);
    } catch (error) {
      if (!(error instanceof RunnerError)) throw error;
      stream.send({ event: "trouble", data: { text: error.message } });
      stream.end();
    }
  }

  #isFull(response: ServerResponse): boolean {
    if (!this.#streams.isFull) return false;
    sendRefusal(response, 503, {
      why: "too many pages are open",
      hint: "Close some of them, then load this one anew.",
    });
    return true;
  }
}

const runPolicy = policyFor({ styles: [reportStyle, style], scripts: [reportScript, runScript] });

const notHere = { why: "there is no such page, or no such run", hint: "All runs are listed at the beginning: /" };
const readOnly = { message: "This server only shows: it was started with --read-only." };
