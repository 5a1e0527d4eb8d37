/**
 * An ordered list of fields that keeps what came: case, order and repeats. Look-ups are case-insensitive (RFC 9110 5.1).
 *
 * Names and values are latin1 text, a character an octet. The setters refuse what would break out of a field line, so
 * that nothing that a script sets can split a message (RFC 9110 5.5).
 */

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;

/** What a list can be made of: another list, `Headers`, pairs of a name and a value, or a record. */
export type FieldSource = Iterable<readonly [string, string]> | Readonly<Record<string, string>>;

/** A set of field names. Most names differ from all of these in their length, which costs nothing to look at. */
export class FieldNames {
  readonly #names: readonly string[];
  // For each length the names that have it.
  readonly #byLength: readonly (readonly string[])[];

  /** @param names The names, in any case. */
  constructor(names: Iterable<string>) {
    this.#names = [...names];
    const byLength: string[][] = [];
    for (const name of this.#names) (byLength[name.length] ??= []).push(name);
    // Without holes, as a look-up that finds one goes astray to the prototypes.
    this.#byLength = Array.from(byLength, (those) => those ?? []);
  }

  /**
   * Whether a name is one of these.
   *
   * @param name The name, in any case.
   */
  has(name: string): boolean {
    const { length } = name;
    if (length >= this.#byLength.length) return false;
    const those = this.#byLength[length]!;
    for (let i = 0; i < those.length; i++) if (same(those[i]!, name)) return true;
    return false;
  }

  /**
   * These names, and others.
   *
   * @param names The others, in any case.
   */
  with(names: Iterable<string>): FieldNames {
    return new FieldNames([...this.#names, ...names]);
  }
}

/** The fields of a message, in order. */
export class HeaderList implements Iterable<[name: string, value: string]> {
  // Parallel arrays: a field costs no object of its own. Names are lower-cased when they are compared, and only those of
  // the right length are: most fields of a message are never asked for.
  #names: string[] = [];
  #values: string[] = [];

  /**
   * Makes a list.
   *
   * @param fields What it is made of; default none.
   * @throws {TypeError} If a name is no token, or a value has a control character.
   */
  constructor(fields?: FieldSource) {
    if (fields === undefined) return;
    const pairs = Symbol.iterator in fields
      ? fields as Iterable<readonly [string, string]>
      : Object.entries(fields);
    for (const [name, value] of pairs) this.append(name, value);
  }

  /** How many field lines there are. */
  get length(): number {
    return this.#names.length;
  }

  /**
   * The value of a field, its repeats joined by a comma and a space (RFC 9110 5.3).
   *
   * @param name The field's name, in any case.
   * @returns The value, or `null` if there is no such field.
   */
  get(name: string): string | null {
    const names = this.#names;
    let found: string | null = null;
    for (let i = 0; i < names.length; i++) {
      if (same(names[i]!, name)) found = found === null ? this.#values[i]! : `${found}, ${this.#values[i]}`;
    }
    return found;
  }

  /**
   * The values of a field, one for each line.
   *
   * @param name The field's name, in any case.
   * @returns The values in order; empty if there is no such field.
   */
  getAll(name: string): string[] {
    return this.#values.filter((_, i) => same(this.#names[i]!, name));
  }

  /**
   * Whether a field is there.
   *
   * @param name The field's name, in any case.
   * @returns `true` if there is at least one line of that name.
   */
  has(name: string): boolean {
    return this.#indexOf(name) >= 0;
  }

  /**
   * Sets a field to one value: in the place of its first line, or at the end.
   *
   * @param name The field's name; a new line takes its case.
   * @param value The value; surrounding white space is dropped.
   * @throws {TypeError} If the name is no token, or the value has a control character.
   */
  set(name: string, value: string): void {
    const at = this.#indexOf(name);
    const last = this.#lastIndexOf(name);
    // What a message has already been sent with needs no check.
    if (at >= 0 && at === last && this.#values[at] === value) return;
    const checked = check(name, value);
    if (at < 0) return this.push(name, checked);
    this.#values[at] = checked;
    if (at < last) this.#keep((line, i) => i <= at || !same(line, name));
  }

  /**
   * Adds a field line at the end.
   *
   * @param name The field's name.
   * @param value The value; surrounding white space is dropped.
   * @throws {TypeError} If the name is no token, or the value has a control character.
   */
  append(name: string, value: string): void {
    this.push(name, check(name, value));
  }

  /** Adds a line that is known to be well-formed (the codec has parsed it), unchecked. */
  push(name: string, value: string): void {
    this.#names.push(name);
    this.#values.push(value);
  }

  /**
   * Removes every line of a field.
   *
   * @param name The field's name, in any case.
   * @returns Whether there was one.
   */
  delete(name: string): boolean {
    if (this.#indexOf(name) < 0) return false;
    this.#keep((line) => !same(line, name));
    return true;
  }

  /**
   * A copy of the list without some fields.
   *
   * @param dropped Tells of a name, in any case, whether the copy goes without it; `FieldNames` does.
   * @returns The copy.
   */
  without(dropped: { has(name: string): boolean }): HeaderList {
    const copy = new HeaderList();
    const names = this.#names;
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!;
      if (!dropped.has(name)) copy.push(name, this.#values[i]!);
    }
    return copy;
  }

  /** The field lines as they go on the wire, each with its CRLF. */
  serialise(): string {
    let text = "";
    for (let i = 0; i < this.#names.length; i++) text += `${this.#names[i]}: ${this.#values[i]}\r\n`;
    return text;
  }

  /** The lines in order, names in their own case. */
  *[Symbol.iterator](): Iterator<[name: string, value: string]> {
    for (let i = 0; i < this.#names.length; i++) yield [this.#names[i]!, this.#values[i]!];
  }

  #indexOf(name: string): number {
    const names = this.#names;
    for (let i = 0; i < names.length; i++) {
      if (same(names[i]!, name)) return i;
    }
    return -1;
  }

  #lastIndexOf(name: string): number {
    const names = this.#names;
    for (let i = names.length - 1; i >= 0; i--) {
      if (same(names[i]!, name)) return i;
    }
    return -1;
  }

  #keep(keep: (name: string, index: number) => boolean): void {
    const names = this.#names;
    this.#values = this.#values.filter((_, i) => keep(names[i]!, i));
    this.#names = names.filter(keep);
  }
}

/** Whether two names are the same but for case: no copy in lower case is made of what is compared so often. */
function same(a: string, b: string): boolean {
  const { length } = a;
  if (length !== b.length) return false;
  for (let i = 0; i < length; i++) {
    const code = a.charCodeAt(i);
    const difference = code ^ b.charCodeAt(i);
    if (difference === 0) continue;
    // A letter and itself in the other case differ by one bit, and so do some characters that are no letters.
    const lower = code | 0x20;
    if (difference !== 0x20 || lower < 0x61 || lower > 0x7a) return false;
  }
  return true;
}

/** The most common lists of one member, which are looked at several times for each message. */
const common: ReadonlyMap<string, readonly string[]> = new Map(
  ["keep-alive", "Keep-Alive", "close", "Close"].map((value) => [value, [value.toLowerCase()]]),
);

const noMembers: readonly string[] = [];

/** The members of a comma-separated list value, lower-cased, without the empty ones (RFC 9110 5.6.1). */
export function listMembers(value: string | null): readonly string[] {
  if (value === null) return noMembers;
  return common.get(value) ??
    value.toLowerCase().split(",").map((member) => member.trim()).filter((member) => member !== "");
}

function check(name: string, value: string): string {
  if (!NAME.test(name)) {
    throw new TypeError(`Cannot set the field as its name must be a token: got ${JSON.stringify(name)}`);
  }
  const trimmed = String(value).replace(/^[\t ]+|[\t ]+$/g, "");
  if (!VALUE.test(trimmed)) {
    throw new TypeError(
      `Cannot set the field ${name} as its value must be latin1 text without control characters: got ${
        JSON.stringify(value)
      }`,
    );
  }
  return trimmed;
}
