/**
 * What the package exports: the same entries for npm and for JSR, and names that change on purpose only.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { version } from "../lib/version.ts";
import { root } from "./harness/project.ts";

interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
}

function read(path: string): string {
  return readFileSync(new URL(path, root), "utf8");
}

const npm = JSON.parse(read("package.json")) as Manifest;
const jsr = JSON.parse(read("deno.json")) as Manifest;

/** The names that a module lists; a module that says `export *` lists those of the other one. */
function names(path: string): string[] {
  const text = read(path).replace(/\/\*\*?[^]*?\*\//g, "");
  const listed = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap((match) =>
    match[1]!.split(",")
  );
  const declared = [
    ...text.matchAll(/^export (?:const|function|async function|class|interface|type) (\w+)/gm),
  ];
  const others = [...text.matchAll(/^export \* from "(.*)";$/gm)]
    .flatMap((match) => names(new URL(match[1]!, new URL(path, root)).href.slice(root.href.length)));
  const all = [...listed.map((name) => name.trim().replace(/^type /, "").replace(/^.* as /, "")), ...others];
  return [...new Set([...all, ...declared.map((match) => match[1]!)])].filter((name) => name !== "").sort();
}

describe("the package", () => {
  it("has the same entries, version and licence for npm and for JSR", () => {
    const sources = Object.entries(npm.exports).flatMap(([key, entry]) => {
      if (typeof entry === "string") return [];
      const source = entry.default.replace("./dist/", "./").replace(/\.js$/, ".ts");
      assert.equal(entry.types, entry.default.replace(/\.js$/, ".d.ts"));
      return [[key, source] as const];
    });
    assert.deepEqual(Object.fromEntries(sources), jsr.exports);
    assert.deepEqual([npm.version, npm.license], [jsr.version, jsr.license]);
    assert.equal(version, npm.version);
  });

  it("has a source for every entry", () => {
    for (const source of Object.values(jsr.exports)) {
      assert.ok(existsSync(new URL(source as string, root)), `${source}`);
    }
  });

  it("has nothing to run for those who install it, and be warned of", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Readonly<Record<string, string>> };
    const asked = ["preinstall", "install", "postinstall", "prepare"].filter((name) => name in scripts);
    assert.deepEqual(asked, []);
    // What builds it instead: for who works on it, and for what is packed.
    assert.equal(scripts["dependencies"], scripts["prepack"]);
    assert.match(scripts["prepack"] ?? "", /^tsc -b /);
  });
});

describe("the exported names", () => {
  const entries: Readonly<Record<string, string>> = {
    "transforms/mod.ts": `
      Charset CharsetOptions Controller Crc32 EventFunction EventItem IncrementalHash
      LimitOptions MakeTransformOptions MapEventsOptions MapJsonOptions MapRecordsOptions
      Meter MeterOptions Progress ProgressOptions RechunkOptions RecordEnd RecordFunction
      RecordOptions RecordOutcome RecordSink RegExpEngine RegExpMatch RegExpReplacement
      ReplaceOptions ReplaceRegExpOptions Replacement ServerSentEvent ServerSentEventInit
      SseTextOptions TapEnd TapObserver TapUsageOptions TextCharset TextEnd TextField
      TextFormat TextFormatName Transform TransformPair TransformStreamConstructor Transformer
      UsageReport append compose crc32 drop hash limit makeTransform mapEvents mapJson
      mapLines mapRecords meter prepend progress rechunk record replace replaceMany
      replaceRegExp sseText tap tapUsage textFormats useTransformStream
    `,
    "lib/mod.ts": `
      Address Answer Asn1Module Authority AuthorityError AuthorityHost BodyLimitError CloseOptions
      ClosedEvent CodedBody CodingError CodingErrorCode CodingOptions ConnectOptions Connection
      ContentCoding ContentCodings DataEvent DecodeOptions Decoding Encodable EndEvent Event
      Expansion ExpansionLimits FieldSource Fields FileFacts FileModule Flow FlowRecord FlowRequest
      FlowResponse FlowTunnel ForwardedPolicy Framing HeaderList Hook HookName Hooks HostMatcher
      HostRoutes HtmlRewriter HtmlRewriterConstructor InterceptionOptions InterimEvent KilledError
      LimitName LimitRow Limits ListenOptions Listener LocalAnswer LocalProtocolError Log
      LogOptions Message MessageContext Mode NEED_DATA Named Network PAUSED Pair PairTools
      PkiCertificate PkiExtension PkiModule PkiModules PkiNamePart PkiStore ProtocolError Proxy ProxyOptions RefusedError
      RequestEvent RequestHead ResponseEvent ResponseHead Role RouteHandler RouteMatch RouteTable
      Scheme ScriptError Socket SocketError SocketErrorCode Stage State StreamClasses StreamCoding
      StreamCodings StreamFunction StreamStep StreamValue Target TeeSink ThrottleClock
      ThrottleOptions TimeoutName Timeouts Tls TlsClient TlsClientHandshake TlsClientOptions
      TlsIdentity TlsServer TlsServerHandshake Toolkit TransformResponseOptions TruncatedError
      Verbosity Version Work WritableBytes ZlibFactory ZlibFunction ZlibModule ZlibOptions
      ZlibStream createLog createProxy defaultLimits defaultTimeouts hookNames htmlRewrite isPair
      isTransformer keptAuthority limitTable parseHostPattern pipeline streams tee throttle
      timeoutTable transformResponse webCodings zlibCodings
    `,
    "runtime-node/mod.ts": `
      authorityHost codings network tls
    `,
    "runtime-deno/mod.ts": `authorityHost codings network tls`,
  };
  for (const [path, wanted] of Object.entries(entries)) {
    it(`of ${path} change on purpose only`, () => assert.deepEqual(names(path), wanted.trim().split(/\s+/)));
  }
});
