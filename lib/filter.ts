/**
 * Flow filters: `~d example\.com & !~m POST`. A filter is read once, into nested functions.
 *
 *     filter  := either+                 all of them, as if `&` were between
 *     either  := both ("|" both)*
 *     both    := not ("&" not)*
 *     not     := "!" not | "(" filter ")" | "~name" [argument] | expression for the URL
 *
 * A filter is asked when a message's head is here. Before the response's, whatever asks for the response does not match,
 * and so its contrary does: `~s` and `~q` tell the two times apart.
 */
import { filterOperators } from "./filter-operators.ts";
import { FilterScanner } from "./filter-scanner.ts";
import type { Flow } from "./flow.ts";

/** A filter that was read. */
export interface FlowFilter {
  /** Whether it lets a flow through, as far as the flow has come. */
  readonly matches: (flow: Flow) => boolean;
  /** The regular expressions in it. */
  readonly patterns: readonly RegExp[];
}

type Test = FlowFilter["matches"];

const names = [...filterOperators].filter(([, { kind }]) => kind !== "refused").map(([name]) => `~${name}`);
const TERM = `an expression for the URL, !, ( or one of ${names.join(" ")}`;

/**
 * Reads a flow filter.
 *
 * @param text The filter.
 * @returns What it lets through.
 * @throws {SyntaxError} If it can't be read; the message says where.
 */
export function parseFilter(text: string): FlowFilter {
  const parser = new FilterParser(text);
  return { matches: parser.read(), patterns: parser.patterns };
}

class FilterParser {
  readonly patterns: RegExp[] = [];
  readonly #scanner: FilterScanner;

  constructor(text: string) {
    this.#scanner = new FilterScanner(text);
  }

  read(): Test {
    const test = this.#filter();
    if (this.#scanner.peek() !== "") this.#scanner.fail(TERM);
    return test;
  }

  #filter(): Test {
    const tests = [this.#either()];
    while (!["", ")"].includes(this.#scanner.peek())) tests.push(this.#either());
    return every(tests);
  }

  #either(): Test {
    const tests = [this.#both()];
    while (this.#scanner.take("|")) tests.push(this.#both());
    return tests.length === 1 ? tests[0]! : (flow) => tests.some((test) => test(flow));
  }

  #both(): Test {
    const tests = [this.#not()];
    while (this.#scanner.take("&")) tests.push(this.#not());
    return every(tests);
  }

  #not(): Test {
    const scanner = this.#scanner;
    if (scanner.take("!")) {
      const test = this.#not();
      return (flow) => !test(flow);
    }
    if (scanner.take("(")) {
      const test = this.#filter();
      if (!scanner.take(")")) scanner.fail("the ) that belongs to a (");
      return test;
    }
    if (scanner.take("~")) return this.#operator();
    if (["", ")", "&", "|"].includes(scanner.peek())) scanner.fail(TERM);
    return this.#pattern("~u", "", (flow) => [flow.request.href]);
  }

  #operator(): Test {
    const name = this.#scanner.name();
    const operator = filterOperators.get(name);
    if (operator === undefined) return this.#scanner.fail(`one of ${names.join(" ")}`, name.length + 1);
    switch (operator.kind) {
      case "alone":
        return operator.test;
      case "number":
        return this.#number(`~${name}`, operator.value);
      case "pattern":
        return this.#pattern(`~${name}`, operator.flags ?? "", operator.subjects);
      case "refused":
        throw new SyntaxError(`Cannot filter by ~${name} ${operator.why}: use one of ${names.join(" ")}`);
    }
  }

  #number(operator: string, value: (flow: Flow) => number | undefined): Test {
    const number = this.#scanner.number(`the number that ${operator} compares with`);
    return (flow) => value(flow) === number;
  }

  #pattern(operator: string, flags: string, subjects: (flow: Flow) => readonly string[]): Test {
    const source = this.#scanner.word(`the regular expression that ${operator} looks for`);
    const pattern = compile(source, `i${flags}`);
    this.patterns.push(pattern);
    return (flow) => subjects(flow).some((subject) => pattern.test(subject));
  }
}

function compile(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (cause) {
    throw new SyntaxError(
      `Cannot filter by ${JSON.stringify(source)} as it must be a regular expression: ${
        (cause as Error).message
      }`,
      { cause },
    );
  }
}

function every(tests: readonly Test[]): Test {
  return tests.length === 1 ? tests[0]! : (flow) => tests.every((test) => test(flow));
}
