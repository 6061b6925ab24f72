import type { CredentialRule } from "../../core/model/protocol.ts";
import type { Path } from "../../language/source.ts";
import type { ServiceCompiler } from "./compiler.ts";
import type { BasicCredential, CredentialDocument, NamedCredential, ParamCredential } from "./document.ts";
import { isHeaderName, isReserved, valueFault } from "./headers.ts";
import { literalSecret, literalSecrets } from "./literals.ts";
import type { ConfigScope } from "./names.ts";
import { textTemplate, valueTemplate } from "./templates.ts";

interface CredentialContext {
  readonly compiler: ServiceCompiler;
  readonly known: ConfigScope;
  /** Members of every request, with what each is for. */
  readonly members: ReadonlyMap<string, string>;
  /** The service's cookies are kept, and sent in their header. */
  readonly cookies: boolean;
}

export function compileCredentials(
  documents: readonly CredentialDocument[],
  context: CredentialContext,
): readonly CredentialRule[] {
  const taken = new Map<string, Path>(context.cookies ? [["header cookie", ["cookies"]]] : []);
  return documents.map((document, at) => {
    const path = ["credentials", at];
    reportPlace(placeOf(document), { path, taken, compiler: context.compiler });
    return compileCredential(document, path, context);
  });
}

function compileCredential(document: CredentialDocument, path: Path, context: CredentialContext): CredentialRule {
  switch (document.in) {
    case "header":
      return headerRule(document, path, context);
    case "body":
      return bodyRule(document, path, context);
    case "param":
      return paramRule(document, path, context);
    case "basic":
      return basicRule(document, path, context);
  }
}

function headerRule(
  { name, value }: NamedCredential,
  path: Path,
  { compiler, known }: CredentialContext,
): CredentialRule {
  const at = [...path, "name"];
  if (!isHeaderName(name)) {
    const message = `${compiler.place(at)} is not the name of a header`;
    compiler.report(at, { code: "bad-header", message, hint: "Use letters, digits and -." });
  } else if (isReserved(name)) {
    const message = `${compiler.place(at)} is a header that belongs to HTTP itself`;
    const hint = "What is sent, and where to, is said by url and envelope.content_type.";
    compiler.report(at, { code: "bad-header", message, hint });
  }
  reportLiterals(value, { path: [...path, "value"], name: startsAsSecret(value) ? "token" : name, compiler });
  const template = compiler.template([...path, "value"], value, known);
  return { in: "header", name, value: textTemplate(template, valueFault) };
}

function bodyRule(
  { name, value }: NamedCredential,
  path: Path,
  { compiler, known, members }: CredentialContext,
): CredentialRule {
  const own = members.get(name);
  if (own !== undefined) {
    const at = [...path, "name"];
    const hint = "Give it another name, or the envelope's member.";
    compiler.report(at, { code: "same-place", message: `${compiler.place(at)} is the member of ${own} as well`, hint });
  }
  reportLiterals(value, { path: [...path, "value"], name, compiler });
  const template = compiler.template([...path, "value"], value, known);
  return { in: "body", name, value: valueTemplate(template) };
}

function paramRule(
  { index, name, value }: ParamCredential,
  path: Path,
  { compiler, known }: CredentialContext,
): CredentialRule {
  if ((index === undefined) === (name === undefined)) {
    const both = index === undefined ? "neither index nor name" : "index and name";
    const hint = "Write index for positional params, or name for named ones.";
    compiler.report(path, { code: "one-of", message: `${compiler.place(path)} has ${both}`, hint });
  }
  reportLiterals(value, { path: [...path, "value"], name: startsAsSecret(value) ? "token" : (name ?? ""), compiler });
  const template = compiler.template([...path, "value"], value, known);
  return { in: "param", at: name ?? index ?? 0, value: valueTemplate(template) };
}

function basicRule(
  { user, password }: BasicCredential,
  path: Path,
  { compiler, known }: CredentialContext,
): CredentialRule {
  // Some services take a key for the user, and no password.
  const bare = password === "" ? "user" : "password";
  reportLiterals(bare === "user" ? user : password, { path: [...path, bare], name: "password", compiler });
  const template = (key: "user" | "password", value: string) => compiler.template([...path, key], value, known);
  return {
    in: "basic",
    user: textTemplate(template("user", user), userFault),
    password: textTemplate(template("password", password), () => undefined),
  };
}

/** What follows the first colon is the password. */
function userFault(user: string): string | undefined {
  return user.includes(":") ? "holds a colon, which no user of HTTP Basic can" : undefined;
}

/** `token:x`, `Bearer x`: the text says itself what follows. */
function startsAsSecret(value: unknown): boolean {
  return typeof value === "string" && /^\s*(bearer|basic|digest|token|key|secret|password)\b./i.test(value);
}

interface Literals {
  readonly path: Path;
  /** What the value is called. */
  readonly name: string;
  readonly compiler: ServiceCompiler;
}

function reportLiterals(value: NamedCredential["value"], { path, name, compiler }: Literals): void {
  for (const place of literalSecrets(value, path, name)) compiler.report(place, literalSecret(compiler.place(place)));
}

interface Placed {
  readonly path: Path;
  /** By place, the credential that stands there. */
  readonly taken: Map<string, Path>;
  readonly compiler: ServiceCompiler;
}

function reportPlace(place: string | undefined, { path, taken, compiler }: Placed): void {
  if (place === undefined) return;
  const other = taken.get(place);
  taken.set(place, path);
  if (other === undefined) return;
  const message = `${compiler.place(path)} stands where ${compiler.place(other)} does`;
  compiler.report(path, { code: "same-place", message, hint: "Take one of them out." });
}

/** One text for one place. Undefined: it is none. */
function placeOf(document: CredentialDocument): string | undefined {
  switch (document.in) {
    case "basic":
      return "header authorization";
    case "header":
      return `header ${document.name.toLowerCase()}`;
    case "body":
      return `body ${document.name}`;
    case "param": {
      const { index, name } = document;
      if ((index === undefined) === (name === undefined)) return undefined;
      return name === undefined ? `index ${index ?? 0}` : `param ${name}`;
    }
  }
}
