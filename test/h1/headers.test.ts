/** The list of fields: what it keeps, what it finds, and what it refuses. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FieldNames, HeaderList, listMembers } from "../../lib/headers.ts";

function list(): HeaderList {
  return new HeaderList([["Host", "a"], ["X-B", "1"], ["accept", "*/*"], ["x-b", "2"], ["Via", ""]]);
}

describe("HeaderList", () => {
  it("keeps case, order and repeats", () => {
    assert.deepEqual([...list()], [["Host", "a"], ["X-B", "1"], ["accept", "*/*"], ["x-b", "2"], [
      "Via",
      "",
    ]]);
    assert.equal(list().length, 5);
    assert.equal(list().serialise(), "Host: a\r\nX-B: 1\r\naccept: */*\r\nx-b: 2\r\nVia: \r\n");
    assert.deepEqual([...new HeaderList(list())], [...list()]);
    assert.deepEqual([...new HeaderList({ A: "1", b: "2" })], [["A", "1"], ["b", "2"]]);
    assert.equal(new HeaderList().serialise(), "");
  });

  it("finds fields in any case", () => {
    const headers = list();
    assert.equal(headers.get("hOST"), "a");
    assert.equal(headers.get("X-b"), "1, 2");
    assert.equal(headers.get("via"), "");
    assert.equal(headers.get("X-C"), null);
    assert.deepEqual(headers.getAll("x-B"), ["1", "2"]);
    assert.deepEqual(headers.getAll("x-c"), []);
    assert(headers.has("ACCEPT"));
    assert(!headers.has("accep"));
  });

  it("sets a field in the place of its first line, or at the end", () => {
    const headers = list();
    headers.set("x-B", " 3\t");
    headers.set("New", "4");
    assert.deepEqual([...headers], [["Host", "a"], ["X-B", "3"], ["accept", "*/*"], ["Via", ""], [
      "New",
      "4",
    ]]);
  });

  it("appends a line", () => {
    const headers = list();
    headers.append("HOST", "b");
    assert.deepEqual(headers.getAll("host"), ["a", "b"]);
  });

  it("deletes every line of a field", () => {
    const headers = list();
    assert.equal(headers.delete("X-b"), true);
    assert.equal(headers.delete("X-b"), false);
    assert.deepEqual([...headers], [["Host", "a"], ["accept", "*/*"], ["Via", ""]]);
  });

  it("copies without some fields, whatever their case", () => {
    const headers = list();
    const copy = headers.without(new FieldNames(["x-b"]).with(["host", "none"]));
    copy.append("Z", "1");
    assert.deepEqual([...copy], [["accept", "*/*"], ["Via", ""], ["Z", "1"]]);
    assert.equal(headers.length, 5);
  });

  it("takes no other character for a letter in its other case", () => {
    // One bit lies between these, as between A and a.
    const headers = new HeaderList([["a^b", "1"], ["a`b", "2"], ["a_b", "3"], ["A|B", "4"]]);
    for (const name of ["a~b", "a@b", "a\x7fb", "a\\b", "a\x00b"]) assert.equal(headers.get(name), null);
    assert.equal(headers.get("A^B"), "1");
    assert.equal(headers.get("a|b"), "4");
  });

  it("refuses what would break out of a line", () => {
    const headers = list();
    for (const name of ["", "a b", "a:", "a\r\n", "\xe4", "a\0"]) {
      assert.throws(() => headers.append(name, "1"), TypeError);
      assert.throws(() => headers.set(name, "1"), TypeError);
    }
    for (const value of ["a\r\nX: 1", "a\rb", "a\nb", "\0", "\x7f", "\u0100", "a\r\n b"]) {
      assert.throws(() => headers.append("X", value), TypeError);
      assert.throws(() => headers.set("Host", value), TypeError);
      assert.throws(() => new HeaderList({ X: value }), TypeError);
    }
    assert.deepEqual([...headers], [...list()]);
    headers.set("X", "\xe4 \t~");
    assert.equal(headers.get("X"), "\xe4 \t~");
  });
});

describe("listMembers()", () => {
  it("splits a list, lower-cased, without empty members", () => {
    assert.deepEqual(listMembers("Close , , \tKeep-Alive,x"), ["close", "keep-alive", "x"]);
    assert.deepEqual(listMembers(""), []);
    assert.deepEqual(listMembers(null), []);
  });
});
