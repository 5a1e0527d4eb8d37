/** Octets as text, a character each: what credentials are compared as. */

/** The UTF-8 octets of a text. */
export function utf8Octets(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

/** Whether two texts are the same; takes as long wherever they differ, so that time tells nobody how much of a guess was right. */
export function sameOctets(given: string, wanted: string): boolean {
  let difference = given.length ^ wanted.length;
  for (let i = 0; i < given.length; i++) {
    difference |= given.charCodeAt(i) ^ wanted.charCodeAt(i % wanted.length);
  }
  return difference === 0;
}
