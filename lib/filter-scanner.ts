/**
 * Reads the words of a flow filter, one at a time. Which kind of word may come next is known to whoever asks: in
 * `~u !a` the second word is an expression, in `!~u a` the first sign is an operator.
 */

/** What ends a word. */
const WORD = /[^\s()~'"]+/y;
const NAME = /[a-z]+/yi;
const NUMBER = /\d+(?![^\s()])/y;
const SPACE = /\s*/y;

/** A place in the text of a filter. */
export class FilterScanner {
  readonly #text: string;
  #at = 0;

  /** @param text The filter. */
  constructor(text: string) {
    this.#text = text;
  }

  /** The next character that is no white space; empty at the end. */
  peek(): string {
    this.#match(SPACE);
    return this.#text[this.#at] ?? "";
  }

  /** Takes a sign, if it comes next. */
  take(sign: string): boolean {
    if (this.peek() !== sign) return false;
    this.#at++;
    return true;
  }

  /** Takes an operator's name, right behind its `~`; empty if there is none. */
  name(): string {
    return this.#match(NAME);
  }

  /** Takes a word, or what is between quotation marks, where a backslash only stands before such a mark. */
  word(wanted: string): string {
    const quote = this.peek();
    if (quote === '"' || quote === "'") return this.#quoted(quote);
    const word = this.#match(WORD);
    if (word === "") this.fail(wanted);
    return word;
  }

  /** Takes a number. */
  number(wanted: string): number {
    this.peek();
    const digits = this.#match(NUMBER);
    if (digits === "") this.fail(wanted);
    return Number(digits);
  }

  /**
   * Gives up.
   *
   * @param wanted What should have come here.
   * @param back How many characters ago; default 0.
   * @throws {SyntaxError} Always.
   */
  fail(wanted: string, back: number = 0): never {
    if (back === 0) this.peek();
    const at = this.#at - back;
    const got = at === this.#text.length ? "its end" : JSON.stringify(this.#text.slice(at));
    throw new SyntaxError(
      `Cannot read the filter ${JSON.stringify(this.#text)} as at character ${
        at + 1
      } there must be ${wanted}: ` +
        `got ${got}`,
    );
  }

  #quoted(quote: string): string {
    const found = quote === '"' ? /"((?:[^"\\]|\\[^])*)"/y : /'((?:[^'\\]|\\[^])*)'/y;
    found.lastIndex = this.#at;
    const content = found.exec(this.#text)?.[1];
    if (content === undefined) this.fail(`a text that ends with ${quote}`);
    this.#at = found.lastIndex;
    return content.replaceAll(`\\${quote}`, quote);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += text.length;
    return text;
  }
}
