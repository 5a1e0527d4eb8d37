/**
 * Credentials, as a log may show them: that they are there and of which kind, but not what they are.
 */

const MASK = "***";

/** How the values of fields are masked, by the fields' names. */
const MASKS: Readonly<Record<string, (value: string) => string>> = {
  "authorization": maskScheme,
  "proxy-authorization": maskScheme,
  "cookie": (value) => value.split(";").map(maskPair).join(";"),
  "set-cookie": (value) => value.replace(/^[^;]*/, maskPair),
  "api-key": () => MASK,
  "x-api-key": () => MASK,
  "x-auth-token": () => MASK,
  "x-goog-api-key": () => MASK,
  "x-amz-security-token": () => MASK,
};

/**
 * Masks a field's value, if it is a credential by the field's name.
 *
 * @param name The field's name, in any case.
 * @param value Its value.
 * @returns The value as it may be shown: a scheme, cookies' names and attributes stay.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(maskedField("Authorization", "Bearer abc"), "Bearer ***");
 * assert.equal(maskedField("Cookie", "a=1; b=2"), "a=***; b=***");
 * assert.equal(maskedField("Accept", "a=1"), "a=1");
 * ```
 */
export function maskedField(name: string, value: string): string {
  const key = name.toLowerCase();
  return Object.hasOwn(MASKS, key) ? MASKS[key]!(value) : value;
}

/**
 * Masks user names and passwords in URLs.
 *
 * @param text A text that may have URLs in it.
 * @returns The text as it may be shown.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(maskedUrls("GET http://me:secret@example.com/a@b"), "GET http://***@example.com/a@b");
 * ```
 */
export function maskedUrls(text: string): string {
  return text.replace(/:\/\/[^\s/?#"]*@/g, `://${MASK}@`);
}

/** A value of one word may be the credential itself. */
function maskScheme(value: string): string {
  const [, scheme] = /^([a-z][a-z0-9-]*) +\S/i.exec(value) ?? [];
  return scheme === undefined ? MASK : `${scheme} ${MASK}`;
}

function maskPair(pair: string): string {
  const equals = pair.indexOf("=");
  return equals < 0 ? pair.replace(/\S+/, MASK) : `${pair.slice(0, equals)}=${MASK}`;
}
