import type { LoginStep, RefreshRule, SessionCall, SessionSteps } from "../../core/model/protocol.ts";
import type { Path } from "../../language/source.ts";
import type { ServiceCompiler } from "./compiler.ts";
import { sessionCondition, toldCondition, valueCondition } from "./conditions.ts";
import type { LoginDocument, RefreshDocument, SessionCallDocument, SessionDocument } from "./document.ts";
import { isHeaderName } from "./headers.ts";
import { literalSecret, literalSecrets } from "./literals.ts";
import { answerScope, sessionScope, templateScope, type ConfigScope } from "./names.ts";
import { valueTemplate } from "./templates.ts";

const maxLogins = 3;

interface SessionContext {
  readonly compiler: ServiceCompiler;
  /** Names of those that are declared. */
  readonly secrets: readonly string[];
}

export function compileSession(document: SessionDocument, { compiler, secrets }: SessionContext): SessionSteps {
  const { login = [], refresh = [], logout, max_logins = maxLogins } = document;
  const steps = login.map((step, at) => {
    const path = ["session", "login", at];
    return compileStep(step, path, { compiler, secrets, ...savedBefore(document, at, compiler) });
  });
  const known = templateScope({ secrets, session: savedBy(document) });
  return {
    login: steps,
    refresh: refresh.map((rule, at) => compileRefresh(rule, ["session", "refresh", at], compiler)),
    logout: logout && compileCall(logout, ["session", "logout"], { compiler, known }),
    maxLogins: max_logins,
  };
}

/** Names of everything that steps and answers save. */
export function savedBy({ login = [], refresh = [] }: SessionDocument): ReadonlySet<string> {
  return new Set([...login, ...refresh].flatMap(({ save = {} }) => Object.keys(save)));
}

interface Saved {
  readonly session: ReadonlySet<string>;
  /** What later steps save alone, and which. */
  readonly later: ReadonlyMap<string, string>;
}

/** What a step of the login can use: what earlier ones have saved, and answers may have. */
function savedBefore({ login = [], refresh = [] }: SessionDocument, step: number, compiler: ServiceCompiler): Saved {
  const session = savedBy({ login: login.slice(0, step), refresh });
  const later = new Map<string, string>();
  for (const [at, { save = {} }] of login.entries()) {
    for (const name of Object.keys(save))
      if (!session.has(name) && !later.has(name)) later.set(name, compiler.place(["session", "login", at]));
  }
  return { session, later };
}

function compileStep(step: LoginDocument, path: Path, context: SessionContext & Saved): LoginStep {
  const { compiler, session } = context;
  const { unless, require, save = {} } = step;
  const holds =
    require === undefined ? undefined : compiler.condition([...path, "require"], require, answerScope(["result"]));
  const leaves =
    unless === undefined ? undefined : compiler.condition([...path, "unless"], unless, sessionScope(context));
  return {
    ...compileCall(step, path, { compiler, known: templateScope(context) }),
    unless: unless === undefined ? undefined : sessionCondition(leaves, session),
    save: Object.entries(save).map(([name, from]) => {
      const at = [...path, "save", name];
      compiler.named(at, "session", name);
      return { name, from: compiler.finder(at, from) };
    }),
    require: require === undefined ? undefined : valueCondition(holds, "result"),
  };
}

function compileCall(
  { call, params = {}, anonymous = false }: SessionCallDocument,
  path: Path,
  { compiler, known }: { readonly compiler: ServiceCompiler; readonly known: ConfigScope },
): SessionCall {
  const at = [...path, "params"];
  const template = compiler.template(at, params, known);
  if (typeof params === "string" && !givesParams(template.type)) {
    const message = `${compiler.place(at)} must be a map or a list, or one expression that gives one`;
    compiler.report(at, { code: "bad-type", message });
  }
  // A list has no names: what it is for then says the method that it goes to.
  const name = Array.isArray(params) && logsIn.test(call) && template.uses.size === 0 ? "password" : "";
  for (const place of literalSecrets(params, at, name)) compiler.report(place, literalSecret(compiler.place(place)));
  return { call, params: valueTemplate(template), anonymous };
}

const logsIn = /log_?(in|on)|auth|sign_?in|password/i;

/** By the type of its one expression; undefined: it is none. */
function givesParams(type: string | undefined): boolean {
  return type !== undefined && /^(dyn|list|map)/.test(type);
}

function compileRefresh({ save, on }: RefreshDocument, path: Path, compiler: ServiceCompiler): RefreshRule {
  const at = [...path, "on"];
  return {
    save: Object.entries(save).map(([name, from]) => {
      const below = [...path, "save", name];
      compiler.named(below, "session", name);
      return { name, from: compileSource(from, below, compiler) };
    }),
    on:
      on === "every"
        ? "every"
        : toldCondition(compiler.condition(at, on, answerScope(["http", "error", "result", "body"]))),
  };
}

/** `header:NAME` or `body:PATH`. Names of headers come in lower case. */
function compileSource(from: string, path: Path, compiler: ServiceCompiler): RefreshRule["save"][number]["from"] {
  const [, where, what = ""] = /^(header|body):(.*)$/s.exec(from) ?? [];
  if (where === "body") return { body: compiler.finder(path, what) };
  if (!isHeaderName(what)) {
    const message = `${compiler.place(path)} names no header behind header:`;
    compiler.report(path, { code: "bad-header", message, hint: "Write header:X-Name." });
  }
  return { header: what.toLowerCase() };
}
