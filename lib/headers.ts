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
  readonly #keys: ReadonlySet<string>;
  readonly #lengths: ReadonlySet<number>;

  /** @param names The names, in lower case. */
  constructor(names: Iterable<string>) {
    this.#keys = new Set(names);
    this.#lengths = new Set([...this.#keys].map(({ length }) => length));
  }

  /**
   * Whether a name is one of these.
   *
   * @param name The name, in any case.
   */
  has(name: string): boolean {
    return this.#lengths.has(name.length) && this.#keys.has(name.toLowerCase());
  }

  /**
   * These names, and others.
   *
   * @param names The others, in lower case.
   */
  with(names: Iterable<string>): FieldNames {
    return new FieldNames([...this.#keys, ...names]);
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
    const key = name.toLowerCase();
    const names = this.#names;
    let found: string | null = null;
    for (let i = 0; i < names.length; i++) {
      if (matches(names[i]!, key)) found = found === null ? this.#values[i]! : `${found}, ${this.#values[i]}`;
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
    const key = name.toLowerCase();
    return this.#values.filter((_, i) => matches(this.#names[i]!, key));
  }

  /**
   * Whether a field is there.
   *
   * @param name The field's name, in any case.
   * @returns `true` if there is at least one line of that name.
   */
  has(name: string): boolean {
    return this.#indexOf(name.toLowerCase()) >= 0;
  }

  /**
   * Sets a field to one value: in the place of its first line, or at the end.
   *
   * @param name The field's name; a new line takes its case.
   * @param value The value; surrounding white space is dropped.
   * @throws {TypeError} If the name is no token, or the value has a control character.
   */
  set(name: string, value: string): void {
    const key = name.toLowerCase();
    const at = this.#indexOf(key);
    const last = this.#lastIndexOf(key);
    // What a message has already been sent with needs no check.
    if (at >= 0 && at === last && this.#values[at] === value) return;
    const checked = check(name, value);
    if (at < 0) return this.push(name, checked);
    this.#values[at] = checked;
    if (at < last) this.#keep((line, i) => i <= at || !matches(line, key));
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
    const key = name.toLowerCase();
    if (this.#indexOf(key) < 0) return false;
    this.#keep((line) => !matches(line, key));
    return true;
  }

  /**
   * A copy of the list without some fields.
   *
   * @param dropped The fields that the copy goes without.
   * @returns The copy.
   */
  without(dropped: FieldNames): HeaderList {
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

  #indexOf(key: string): number {
    const names = this.#names;
    for (let i = 0; i < names.length; i++) {
      if (matches(names[i]!, key)) return i;
    }
    return -1;
  }

  #lastIndexOf(key: string): number {
    const names = this.#names;
    for (let i = names.length - 1; i >= 0; i--) {
      if (matches(names[i]!, key)) return i;
    }
    return -1;
  }

  #keep(keep: (name: string, index: number) => boolean): void {
    const names = this.#names;
    this.#values = this.#values.filter((_, i) => keep(names[i]!, i));
    this.#names = names.filter(keep);
  }
}

/** Whether a name is that of a key, which is in lower case: no copy in lower case is made of what comes with every head. */
function matches(name: string, key: string): boolean {
  const { length } = key;
  if (name.length !== length) return false;
  for (let i = 0; i < length; i++) {
    const wanted = key.charCodeAt(i);
    const code = name.charCodeAt(i);
    // Letters differ by one bit in the other case; 0x61 to 0x7a are the lower ones.
    if (code !== wanted && ((code ^ 0x20) !== wanted || wanted < 0x61 || wanted > 0x7a)) return false;
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
