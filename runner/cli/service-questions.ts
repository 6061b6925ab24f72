import { RunnerError } from "../core/model/errors.ts";
import { cleanText } from "../reporters/clean.ts";
import type { Screen } from "../reporters/screen.ts";
import { wrap } from "../reporters/width.ts";
import type { Carried, NewService, SignIn } from "./new-service.ts";
import type { Questions } from "./questions.ts";

/** Who is asked, and where what is said meanwhile goes. */
export interface Asking {
  readonly questions: Questions;
  readonly screen: Screen;
}

/** Ask for everything that has to be known of a JSON-RPC service. @param given What the command line says already. */
export async function askForService(
  given: Partial<Pick<NewService, "name" | "url">>,
  asking: Asking,
): Promise<NewService> {
  const url = given.url ?? (await asked(asking, "Address of its JSON-RPC endpoint (https://…): ", addressOf));
  const usual = usualName(url);
  const name =
    given.name ?? (await asked(asking, `Name of the service, as plans will write it [${usual}]: `, nameOf(usual)));
  const isPlain =
    isExposed(url) &&
    (await agreed(asking, "It has no TLS: what is sent can be read on the way. Is this a network you own?"));
  if (isExposed(url) && !isPlain)
    throw new RunnerError("usage", `${url} has no TLS.`, { hint: "Use its https:// address." });
  const envelope = await askForEnvelope(asking);
  const signIn = await askForSignIn(asking);
  const logout =
    signIn.by === "login"
      ? await asked(asking, "Method that logs out [none]: ", (text) => ({ value: text || undefined }))
      : undefined;
  const reads = await asked(asking, "Methods that plans may read with, with blanks between [none yet]: ", words);
  const changes: { name: string; isRepeatable: boolean }[] = [];
  for (const change of await asked(
    asking,
    "Methods that plans may change with, with blanks between [none yet]: ",
    words,
  ))
    changes.push({
      name: change,
      isRepeatable: await agreed(asking, `If ${change} is sent twice with the same values, is that the same as once?`),
    });
  const perMinute = await asked(asking, "Calls a minute at most [no limit]: ", count);
  return { name, url, isPlain, envelope, signIn, logout, reads, changes, perMinute };
}

async function askForEnvelope(asking: Asking): Promise<NewService["envelope"]> {
  const isUsual = await agreed(
    asking,
    'Does it speak JSON-RPC 2.0 as written: {"jsonrpc": "2.0", "id", "method", "params"} and {"result"} or {"error"}?',
    true,
  );
  if (isUsual) return undefined;
  const version = await asked(
    asking,
    "Value of the member jsonrpc: 2.0, 1.0 or omit [omit]: ",
    oneOf("omit", "1.0", "2.0"),
  );
  const params = await asked(asking, "Member that holds the params [params]: ", memberOf("params"));
  const id = await asked(asking, "Member that holds the id [id]: ", memberOf("id"));
  const hasNumericIds = await agreed(asking, "Must the id be a number?");
  const result = await asked(asking, "Where the result is in an answer, as a path [result]: ", memberOf("result"));
  const success = await asked(
    asking,
    'What is true of an answer that says it worked, such as body.result == "success" [it has no error]: ',
    (text) => ({ value: text || undefined }),
  );
  return { version, params, id, hasNumericIds, result, success };
}

const ways = [
  "it does not: anybody may call",
  "a name and a password with every request (HTTP Basic)",
  "a token in a header",
  "a token as the first positional param",
  "a token as a member of the body, beside params",
  "a login that sets a cookie",
  "a login that answers with a token",
] as const;

async function askForSignIn(asking: Asking): Promise<SignIn> {
  asking.screen.note(`How does it know who calls?\n${ways.map((way, place) => `  ${place + 1}  ${way}`).join("\n")}`);
  const way = await asked(asking, "Number [1]: ", oneOf("1", "2", "3", "4", "5", "6", "7"));
  switch (way) {
    case "1":
      return { by: "nobody" };
    case "2":
      return { by: "basic" };
    case "3":
      return { by: "token", carried: await askForHeader(asking) };
    case "4":
      return { by: "token", carried: await askForPrefix(asking) };
    case "5":
      return { by: "token", carried: await askForMember(asking) };
    case "6":
      return { by: "login", login: await askForLogin(asking, false), carried: { in: "cookie" } };
    case "7":
      return { by: "login", login: await askForLogin(asking, true), carried: await askForCarried(asking) };
  }
}

async function askForLogin(asking: Asking, hasToken: boolean): Promise<Extract<SignIn, { by: "login" }>["login"]> {
  const method = await asked(asking, "Method that logs in: ", needed);
  const params = await asked(
    asking,
    'Its params as JSON, "USER" and "PASSWORD" in their places [["USER","PASSWORD"]]: ',
    json,
  );
  const token = hasToken
    ? await asked(asking, "Where the token is in the result, as a path [.]: ", memberOf("."))
    : undefined;
  const mayAnswerFalse = await agreed(asking, "Does it answer false, and no error, when it refuses?");
  return { method, params, token, mayAnswerFalse };
}

async function askForCarried(asking: Asking): Promise<Carried> {
  const place = await asked(
    asking,
    "Where do requests carry the token: header, body or param [header]: ",
    oneOf("header", "body", "param"),
  );
  if (place === "header") return askForHeader(asking);
  return place === "body" ? askForMember(asking) : askForPrefix(asking);
}

async function askForHeader(asking: Asking): Promise<Carried> {
  const name = await asked(asking, "Name of the header [Authorization]: ", memberOf("Authorization"));
  const before = await asked(asking, "Word in front of the token, - for none [Bearer]: ", memberOf("Bearer"));
  return { in: "header", name, before: before === "-" ? "" : `${before} ` };
}

async function askForMember(asking: Asking): Promise<Carried> {
  return { in: "body", name: await asked(asking, "Name of the member [auth]: ", memberOf("auth")) };
}

async function askForPrefix(asking: Asking): Promise<Carried> {
  return {
    in: "param",
    before: await asked(asking, "Text in front of the token [none]: ", (text) => ({ value: text })),
  };
}

/** What an answer comes to, or what is wrong with it. */
type Understood<Result> = { readonly value: Result } | { readonly problem: string };

async function asked<Result>(
  { questions, screen }: Asking,
  question: string,
  understand: (text: string) => Understood<Result>,
): Promise<Result> {
  for (;;) {
    const answer = await questions.ask(`${wrap(question.trimEnd(), screen.noteWidth - 1).join("\n")} `);
    if (answer === undefined)
      throw new RunnerError("interrupted", "The input ended before everything was answered; nothing was written.");
    const understood = understand(answer);
    if ("value" in understood) return understood.value;
    screen.note(`  ${cleanText(understood.problem)}`);
  }
}

async function agreed(asking: Asking, question: string, usual = false): Promise<boolean> {
  return asked(asking, `${question} ${usual ? "[Y/n]" : "[y/N]"}: `, (text) => {
    if (text === "") return { value: usual };
    return /^(y|yes|n|no)$/i.test(text) ? { value: /^y/i.test(text) } : { problem: "Type y or n." };
  });
}

/** @returns What is wrong with an address; undefined: nothing. */
export function addressFault(text: string): string | undefined {
  if (!/^https?:\/\/\S+$/.test(text) || !URL.canParse(text)) return "An address begins with https:// or http://.";
  const { username, password } = new URL(text);
  return username === "" && password === "" ? undefined : "Leave the login out of the address: it is asked for later.";
}

/** @returns What is wrong with the name of a service; undefined: nothing. */
export function nameFault(text: string): string | undefined {
  return /^[a-z][a-z0-9_-]{0,62}$/.test(text) ? undefined : "Use small letters, digits, - and _, a letter first.";
}

/** Whether what is sent there leaves this machine without TLS. */
export function isExposed(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && !/^(localhost|\[::1\]|127(\.\d{1,3}){3})$/.test(hostname);
}

function addressOf(text: string): Understood<string> {
  const problem = addressFault(text);
  return problem === undefined ? { value: text } : { problem };
}

function nameOf(usual: string): (text: string) => Understood<string> {
  return (text) => {
    const name = text || usual;
    const problem = nameFault(name);
    return problem === undefined ? { value: name } : { problem };
  };
}

/** The first word of the host that says something. */
function usualName(url: string): string {
  const [word] = new URL(url).hostname.split(".").filter((part) => !/^(www|api|rpc|\d+|localhost|\[.*)$/.test(part));
  return word !== undefined && nameFault(word) === undefined ? word : "service";
}

function needed(text: string): Understood<string> {
  return text === "" ? { problem: "A value is needed." } : { value: text };
}

function memberOf(usual: string): (text: string) => Understood<string> {
  return (text) => ({ value: text || usual });
}

function oneOf<Word extends string>(...allowed: readonly [Word, ...Word[]]): (text: string) => Understood<Word> {
  return (text) => {
    const found = allowed.find((word) => word === (text || allowed[0]));
    return found === undefined ? { problem: `Type one of ${allowed.join(", ")}.` } : { value: found };
  };
}

function json(text: string): Understood<unknown> {
  try {
    const value: unknown = JSON.parse(text || '["USER","PASSWORD"]');
    if (typeof value === "object" && value !== null) return { value };
    return { problem: "Params are a list [ ] or a map { }." };
  } catch {
    return { problem: 'That is not JSON: {"user": "USER", "password": "PASSWORD"} is.' };
  }
}

function words(text: string): Understood<readonly string[]> {
  return { value: [...new Set(text.split(/[\s,]+/).filter((word) => word !== ""))] };
}

function count(text: string): Understood<number | undefined> {
  if (text === "") return { value: undefined };
  return /^[1-9]\d{0,8}$/.test(text) ? { value: Number(text) } : { problem: "Type a whole number, or nothing." };
}
