/**
 * Flow filters: what each lets through, before and behind the response's head, and what is said of those that can't be read.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseFilter } from "../../lib/filter.ts";
import { FlowRequest, FlowResponse } from "../../lib/flow-messages.ts";
import { Flow } from "../../lib/flow.ts";
import { HeaderList } from "../../lib/headers.ts";
import { defaultLimits } from "../../lib/limits.ts";

const context = { codings: new Map(), limits: defaultLimits, warn: () => undefined };

const target = {
  scheme: "http" as const,
  host: "origin.test",
  port: 81,
  authority: "origin.test:81",
  path: "/a/b?c=d",
  href: "http://origin.test:81/a/b?c=d",
};

/** A POST of JSON, whose answer is an HTML page that is not there. */
function flow(answered: boolean): Flow {
  const fields: [string, string][] = [
    ["Host", "www.Example.com:8080"],
    ["Content-Type", "application/json"],
    [
      "X-Key",
      "secret",
    ],
  ];
  const head = {
    method: "POST",
    target: "/a/b?c=d",
    version: "1.1" as const,
    headers: new HeaderList(fields),
  };
  const request = new FlowRequest(head, target, context);
  const made = new Flow(request, { host: "127.0.0.1", port: 5 }, context);
  if (answered) {
    const headers = new HeaderList([["Content-Type", "text/html; charset=utf-8"], ["Server", "nginx"]]);
    made.arrive(new FlowResponse({ status: 404, reason: "Not Found", version: "1.1", headers }, context));
  }
  return made;
}

/** What a filter says before there is a response, and then. */
const table: readonly (readonly [filter: string, before: boolean, then: boolean])[] = [
  ["~all", true, true],
  ["~q", true, false],
  ["~s", false, true],
  ["!~s", true, false],
  ["~u origin", true, true],
  ["~u ^http://origin\\.test:81/A/B", true, true],
  ["~u example", false, false],
  ["origin", true, true],
  ["c=d$", true, true],
  ["elsewhere", false, false],
  ["foo|a/b", true, true],
  ["~d ^origin\\.test$", true, true],
  ["~d ^www\\.example\\.com$", true, true],
  ["~d 8080", false, false],
  ["~m post", true, true],
  ["~m ^get$", false, false],
  ["~h ^x-key:.secret$", true, true],
  ['~h "^x-key: secret$"', true, true],
  ["~h nginx", false, true],
  ["~hq nginx", false, false],
  ["~hq secret", true, true],
  ["~hs secret", false, false],
  ["~hs ^server:", false, true],
  ["~t html", false, true],
  ["~t json", true, true],
  ["~tq html", false, false],
  ["~tq json", true, true],
  ["~ts ^text/", false, true],
  ["~ts json", false, false],
  ["~c 404", false, true],
  ["~c 40", false, false],
  ["!~c 404", true, false],
  ["!!~all", true, true],
  ["~m post & ~c 404", false, true],
  ["~m post ~c 404", false, true],
  ["~m get | ~c 404", false, true],
  // `&` is stronger than `|`, and weaker than both is what stands without a sign.
  ["~all | ~all & !~all", true, true],
  ["!~all & ~all | ~all", true, true],
  ["!~all ~all | ~all", false, false],
  ["(~all | ~all) & !~all", false, false],
  ["!(~m get | ~m put)", true, true],
  ["(~m get origin) | ~c 404", false, true],
  ["~u '/a/b?' & ~all", true, true],
  ["~u 'a b'", false, false],
  ["~h 'x-key: \\w+'", true, true],
  [`~h 'it\\'s'`, false, false],
  ["~u !a", false, false],
  ["  ~all  ", true, true],
];

describe("a flow filter", () => {
  for (const [filter, before, then] of table) {
    it(`${filter} is ${before} of a request, ${then} of its response`, () => {
      const { matches } = parseFilter(filter);
      assert.deepEqual([matches(flow(false)), matches(flow(true))], [before, then]);
    });
  }

  it("finds an apostrophe and a quotation mark by their escapes", () => {
    assert.deepEqual(parseFilter(`~u 'it\\'s' "a\\"b\\d"`).patterns, [/it's/i, /a"b\d/i]);
  });
});

describe("a flow filter is refused", () => {
  const names = "~all ~q ~s ~u ~d ~m ~h ~hq ~hs ~t ~tq ~ts ~c";
  const term = `an expression for the URL, !, ( or one of ${names}`;
  const at = (filter: string, place: number, wanted: string, got: string) =>
    `Cannot read the filter ${
      JSON.stringify(filter)
    } as at character ${place} there must be ${wanted}: got ${got}`;
  const refused: readonly (readonly [filter: string, message: string | RegExp])[] = [
    ["", at("", 1, term, "its end")],
    ["~x a", at("~x a", 1, `one of ${names}`, '"~x a"')],
    ["a & ~ b", at("a & ~ b", 5, `one of ${names}`, '"~ b"')],
    ["~u", at("~u", 3, "the regular expression that ~u looks for", "its end")],
    ["~u (a)", at("~u (a)", 4, "the regular expression that ~u looks for", '"(a)"')],
    ["~c ok", at("~c ok", 4, "the number that ~c compares with", '"ok"')],
    ["~c 20x", at("~c 20x", 4, "the number that ~c compares with", '"20x"')],
    ["a &", at("a &", 4, term, "its end")],
    ["a & & b", at("a & & b", 5, term, '"& b"')],
    ["| a", at("| a", 1, term, '"| a"')],
    ["(a", at("(a", 3, "the ) that belongs to a (", "its end")],
    ["a)", at("a)", 2, term, '")"')],
    ["~u 'a", at("~u 'a", 4, "a text that ends with '", `"'a"`)],
    ["~u [", /^Cannot filter by "\[" as it must be a regular expression: /],
    ["~b a", /^Cannot filter by ~b as that would need the whole body, .*: use one of ~all /],
    ["~bq a", /^Cannot filter by ~bq /],
    ["!~bs a", /^Cannot filter by ~bs /],
  ];
  for (const [filter, message] of refused) {
    it(`in full words: ${JSON.stringify(filter)}`, () => {
      assert.throws(() => parseFilter(filter), { name: "SyntaxError", message });
    });
  }
});
