import { mostProblems } from "../core/model/errors.ts";
import type { Value } from "../core/model/item.ts";
import type { Problem } from "../core/model/problem.ts";
import type { Fault } from "../language/bounds.ts";
import { ExpressionFaults, type Expression, type Scope } from "../language/expression.ts";
import type { Path, Source } from "../language/source.ts";
import { Told } from "../language/told.ts";
import { compileTemplate, type Template } from "../language/template.ts";

/** Compiles the expressions and templates of one plan and keeps every problem, placed inside the YAML file. */
export class Compiler {
  readonly #source: Source;
  readonly #secrets: ReadonlySet<string>;
  readonly #told: Told;
  readonly problems: Problem[] = [];
  /** Where they are. */
  readonly faulty = new Told();
  readonly #types = new Map<string, string>();
  /** Names that some expression or template uses, those with a fault included. */
  readonly uses = new Set<string>();

  /** @param told What stands there is not what was written. */
  constructor(source: Source, secrets: readonly string[], told: Told) {
    this.#source = source;
    this.#secrets = new Set(secrets);
    this.#told = told;
  }

  /**
   * A bare expression that is true or false. Undefined: it was reported.
   * @param told Is given the values that were said to be null at times.
   */
  condition(path: Path, text: string, scope: Scope, told?: Set<string>): Expression | undefined {
    const expected = { scope, gives: "true or false", fits: (type: string) => type === "bool", told };
    const expression = this.expression(path, text, expected);
    if (expression?.empty === undefined) return expression;
    this.#report(path, expression.empty);
    for (const name of expression.proves(true)) told?.add(name);
    return undefined;
  }

  /** A bare expression. Undefined: it was reported. */
  expression(
    path: Path,
    text: string,
    {
      scope,
      gives,
      fits,
      told,
    }: {
      readonly scope: Scope;
      readonly gives: string;
      readonly fits: (type: string) => boolean;
      readonly told?: Set<string> | undefined;
    },
  ): Expression | undefined {
    const wrapped = /^\s*\$\{\{([\s\S]*)\}\}\s*$/.exec(text);
    if (wrapped) {
      this.#report(path, {
        start: 0,
        code: "wrapped-expression",
        message: "this key is an expression already",
        hint: `Write it without \${{ }}: ${(wrapped[1] ?? "").trim()}`,
      });
      return undefined;
    }
    try {
      const expression = scope.compile(text);
      this.#use(expression);
      if (expression.type === "dyn" || fits(expression.type)) return expression;
      this.#report(path, {
        start: 0,
        code: "bad-type",
        message: `the expression gives ${expression.type}, not ${gives}`,
      });
    } catch (error) {
      if (!(error instanceof ExpressionFaults)) throw error;
      for (const fault of error.faults) this.#report(path, fault);
      this.#use(error);
      for (const name of error.empty) told?.add(name);
    }
    return undefined;
  }

  template(path: Path, value: Value, scope: Scope): Template {
    return this.#used(compileTemplate(value, { scope, ...this.#hear(path) }));
  }

  /** A template whose scalars may hold secret inputs. */
  sentTemplate(path: Path, value: Value, scope: Scope): Template {
    return this.#used(compileTemplate(value, { scope, secrets: this.#secrets, ...this.#hear(path) }));
  }

  /** What the scalar at a path gives that holds an expression; undefined where that is not known, or there is none. */
  typeAt(path: Path): string | undefined {
    return this.#types.get(JSON.stringify(path));
  }

  /** Whether something at a path, or below it, could not be compiled. */
  isBroken(path: Path): boolean {
    return this.faulty.touches(path);
  }

  #used(template: Template): Template {
    this.#use(template);
    return template;
  }

  #use({ uses }: { readonly uses: ReadonlySet<string> }): void {
    for (const name of uses) this.uses.add(name);
  }

  #hear(path: Path): Pick<Parameters<typeof compileTemplate>[1], "report" | "found"> {
    return {
      report: (below, fault) => this.#report([...path, ...below], fault),
      found: (below, type) => this.#types.set(JSON.stringify([...path, ...below]), type),
    };
  }

  #report(path: Path, { start, ...fault }: Fault): void {
    if (this.problems.length > mostProblems || this.#told.covers(path)) return;
    this.faulty.add(path);
    this.problems.push(this.#source.problem({ path, offset: start, ...fault }));
  }
}
