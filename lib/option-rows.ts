/**
 * The kinds of options that the command line has, as rows of its table.
 */

interface Row {
  /** The one-letter option. */
  readonly short?: string;
  /** A line of help. */
  readonly help: string;
}

/** An option without a value. */
export interface FlagOption extends Row {
  readonly kind: "flag";
}

/** An option with a value; given twice, the last one counts. */
export interface ValueOption<Value> extends Row {
  readonly kind: "value";
  /** What the help calls the value. */
  readonly value: string;
  /** What the value must be, as an error says it: "must be ...". */
  readonly wanted: string;
  /** The text that stands for the option when it is not given; absent, the setting is `undefined`. */
  readonly fallback?: string;
  /** Whether an error doesn't repeat the value; default `false`. */
  readonly secret?: boolean;
  /** Reads the value; throws a `RangeError` or `TypeError` on one that is not wanted. */
  readonly parse: (text: string) => Value;
}

/** An option with a value that may be given many times; all count, in order. */
export interface ListOption<Item> extends Row {
  readonly kind: "list";
  /** What the help calls the value. */
  readonly value: string;
  /** What the value must be. */
  readonly wanted: string;
  /** Reads one value; throws a `RangeError` or `TypeError` on one that is not wanted. */
  readonly parse: (text: string) => Item;
}

/** The row that fits a setting's type. */
export type OptionFor<Type> = [Type] extends [boolean] ? FlagOption
  : [Type] extends [readonly (infer Item)[]] ? ListOption<Item>
  : ValueOption<Type>;
