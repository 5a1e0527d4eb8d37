/**
 * Puts text in place of what a page has between the markers `<!-- NAME -->` and `<!-- /NAME -->`.
 *
 * @param page The page.
 * @param name The markers' name.
 * @param text What is to stand between them, without line ends around it.
 * @returns The page with the text.
 * @throws {RangeError} If the page does not have the two markers, in this order.
 */
export function writeBetween(page: string, name: string, text: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const start = page.indexOf(open);
  const end = page.indexOf(close, start);
  if (start < 0 || end < 0) {
    throw new RangeError(`Cannot write ${name} as the page must have ${open} and then ${close}: it has not`);
  }
  return `${page.slice(0, start + open.length)}\n\n${text}\n\n${page.slice(end)}`;
}
