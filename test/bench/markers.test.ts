import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { writeBetween } from "./markers.ts";

describe("writeBetween", () => {
  const page = "# Speed\n\n<!-- one -->\n\nold\n\n<!-- /one -->\n\nby hand\n\n<!-- two --><!-- /two -->\n";

  it("replaces what is between the markers, and nothing else", () => {
    const once = writeBetween(page, "one", "new $& text");
    assert.equal(once, page.replace("old", () => "new $& text"));
    assert.equal(writeBetween(once, "one", "old"), page);
  });

  it("fills markers that have nothing between them", () => {
    assert.match(writeBetween(page, "two", "text"), /old[^]*<!-- two -->\n\ntext\n\n<!-- \/two -->\n$/);
  });

  it("refuses a page without the markers, or with them the wrong way round", () => {
    for (const wrong of ["", "<!-- one -->", "<!-- /one --><!-- one -->"]) {
      assert.throws(
        () => writeBetween(wrong, "one", "text"),
        /^RangeError: Cannot write one as the page must have/,
      );
    }
  });
});
