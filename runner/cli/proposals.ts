import { readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Context } from "./verbs.ts";

// What a word may become, for the completion of shells. A list that can not be read proposes nothing: while somebody types,
// there is nowhere to tell an error, and the command itself will.

/** Most run ids proposed at once, the newest. */
const mostRuns = 50;

type Proposer = (this: Context, partial: string) => Promise<readonly string[]>;

const isPlan = /(?<!\.test|\.inputs|\.config)\.ya?ml$/;

/** Plan files, and folders on the way to them. */
export const plans: Proposer = function (partial) {
  return paths(this, partial, (name) => isPlan.test(name));
};

/** Plan tests, the plans that they are about, and folders. */
export const tests: Proposer = async function (partial) {
  return paths(this, partial, (name) => isPlan.test(name) || name.endsWith(".test.yaml"));
};

/** What can be applied: plans, and what previews have saved. */
export const applicable: Proposer = function (partial) {
  return paths(this, partial, (name) => isPlan.test(name) || name.endsWith(".ndjson"));
};

/** What previews have saved. */
export const changeSets: Proposer = async function (partial) {
  return paths(this, partial, (name) => name.endsWith(".ndjson"));
};

/** Files of any kind. */
export const files: Proposer = function (partial) {
  return paths(this, partial, () => true);
};

/** `latest` and the newest runs that begin so. */
export const runs: Proposer = async function (partial) {
  const { runIds } = await import("../workspace/names.ts");
  const ids = await runIds(surroundings(this)).catch(nothing);
  return ["latest", ...ids].filter((id) => id.startsWith(partial)).slice(0, mostRuns);
};

/** What can be explained: runs and plans. */
export const runsAndPlans: Proposer = async function (partial) {
  return [...(await runs.call(this, partial)), ...(await plans.call(this, partial))];
};

/** Services of the config, and the built-in ones. */
export const services: Proposer = async function () {
  const { serviceNames } = await import("../workspace/names.ts");
  return serviceNames(surroundings(this)).catch(nothing);
};

/** Methods that are known of the service which the command line names. */
export const methods: Proposer = async function () {
  const { methodNames } = await import("../workspace/names.ts");
  const named = this.words.slice(1).filter((word) => !word.startsWith("-"));
  return methodNames(named[0] ?? "", surroundings(this)).catch(nothing);
};

/** Plans of the gallery. */
export const galleryPlans: Proposer = async function () {
  const { galleryNames } = await import("../workspace/gallery.ts");
  return galleryNames().catch(nothing);
};

/** `name=` for each input of the plan that the command line names. */
export const inputs: Proposer = async function () {
  const { inputNames } = await import("../workspace/names.ts");
  const { io, words } = this;
  const chosen = words[words.indexOf("--plan") + 1];
  const file = words.find((word, place) => /\.ya?ml$/.test(word) && !words[place - 1]?.startsWith("--"));
  const plan = words[0] === "init" ? { gallery: chosen ?? "" } : { file: resolve(io.cwd, inHome(file ?? "")) };
  return (await inputNames(plan).catch(nothing)).map((name) => `${name}=`);
};

/** The folder and the config that the command line being written would use. */
function surroundings({ io, words }: Context) {
  const place = words.findIndex((word) => word === "--config" || word.startsWith("--config="));
  const path = place === -1 ? undefined : (/^--config=(.*)$/.exec(words[place] ?? "")?.[1] ?? words[place + 1]);
  return { env: io.env, cwd: io.cwd, ...(path === undefined ? {} : { path: inHome(path) }) };
}

/** A line of its own, or a move of the cursor: no shell shows it as a name. */
// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f-\u009f]/;

async function paths({ io }: Context, partial: string, wanted: (name: string) => boolean): Promise<readonly string[]> {
  const typed = partial.slice(0, partial.lastIndexOf("/") + 1);
  const entries = await readdir(resolve(io.cwd, inHome(typed)), { withFileTypes: true }).catch(nothing);
  const hidden = partial.slice(typed.length).startsWith(".");
  return entries
    .filter(({ name }) => (hidden || !name.startsWith(".")) && !control.test(name))
    .filter((entry) => !entry.isFile() || wanted(entry.name))
    .map((entry) => `${typed}${entry.name}${entry.isFile() ? "" : "/"}`)
    .sort();
}

/** What the shell would make of a path before the command sees it. */
function inHome(path: string): string {
  return path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
}

function nothing(): [] {
  return [];
}
