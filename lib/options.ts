/**
 * The options of the command line, one row each. The row of a setting says everything about it: how it is written, what
 * it wants, how its text is read, and its help. What parses arguments, prints the help and words the errors reads this
 * table, so that a new option is one line in `Settings` and one row here.
 */
import { type BodyRuleText, parseBodyRule } from "./body-rules.ts";
import type { ForwardedPolicy } from "./forwarded.ts";
import { type HeaderRuleText, parseHeaderRule } from "./header-rules.ts";
import { type HostMatcher, parseHostPattern } from "./host-pattern.ts";
import { limitRows, type LimitSettings } from "./limit-options.ts";
import { limitTable } from "./limits.ts";
import { type Mode, parseMode } from "./mode.ts";
import type { ListOption, OptionFor, ValueOption } from "./option-rows.ts";
import {
  parseCredentials,
  parseForwarded,
  parseHost,
  parseInteger,
  parsePath,
  parsePorts,
  parseScript,
} from "./option-values.ts";
import { parseSize } from "./size.ts";

/** What the command line was told; the keys are the long options' names in camel case. */
export interface Settings extends LimitSettings {
  /** Where requests go; default regular. */
  readonly mode: Mode;
  /** The address or name to listen on; default 127.0.0.1. */
  readonly listenHost: string;
  /** The port to listen on, 0 for a free one; default 8080. */
  readonly listenPort: number;
  /** Bodies larger than this many bytes are streamed; unset, the scripts decide. */
  readonly stream: number | undefined;
  /** The files of the scripts, in order; default none. */
  readonly script: readonly string[];
  /** The rules for bodies, in order; default none. */
  readonly modifyBody: readonly BodyRuleText[];
  /** The rules for fields, in order; default none. */
  readonly modifyHeaders: readonly HeaderRuleText[];
  /**
   * The most bytes in a chunk that a transform gets of a body that isn't chunked; default 4096 where a script sees the
   * chunks, else as they are read.
   */
  readonly chunkSize: number | undefined;
  /** The most bytes a body may have; default no limit. */
  readonly bodySizeLimit: number | undefined;
  /** Whether a forward proxy may listen where others reach it, and serve them all. */
  readonly allowPublic: boolean;
  /** The user name and password, with a colon between, that requests must bring; default none. */
  readonly proxyAuth: string | undefined;
  /** The user name and password, with a colon between, that the upstream proxy wants; unset, those of its URL. */
  readonly upstreamAuth: string | undefined;
  /** Whether TLS connections through a forward proxy are opened. */
  readonly intercept: boolean;
  /** Those to which hosts are; default those of none, or of all where `intercept` is set. */
  readonly interceptHosts: readonly HostMatcher[];
  /** Those to which hosts never are; default none. */
  readonly ignoreHosts: readonly HostMatcher[];
  /** The folder of the certificate authority; default `.sluice` in the user's own. */
  readonly confdir: string | undefined;
  /** Whether origins need not prove who they are. */
  readonly sslInsecure: boolean;
  /** The file of the authorities that are trusted instead of the runtime's; default these. */
  readonly upstreamCa: string | undefined;
  /** The file of the certificate that origins are shown; default none. */
  readonly upstreamCert: string | undefined;
  /** The file of its key; default that of the certificate. */
  readonly upstreamKey: string | undefined;
  /** The file of the certificate that clients are shown; default none, they come in clear. */
  readonly tlsCert: string | undefined;
  /** The file of its key; default that of the certificate. */
  readonly tlsKey: string | undefined;
  /** Whether private addresses are out of reach; unset, they are where others reach a forward proxy. */
  readonly blockPrivate: boolean;
  /** Whether private addresses are in reach all the same. */
  readonly allowPrivate: boolean;
  /** The ports that tunnels may lead to; unset, it depends on who reaches the proxy. */
  readonly connectPorts: "all" | ReadonlySet<number> | undefined;
  /** What origins are told of clients; unset, it depends on who reaches the proxy. */
  readonly forwarded: ForwardedPolicy | undefined;
  /** The most connections from one address; unset, the default, which leaves out loopback addresses. */
  readonly maxConnectionsPerClient: number | undefined;
  /** Whether to log nothing. */
  readonly quiet: boolean;
  /** Whether to log the fields of messages too. */
  readonly verbose: boolean;
  /** Whether to print the version and end. */
  readonly version: boolean;
  /** Whether to print the help and end. */
  readonly help: boolean;
}

/** The table's type: a row for each setting. */
export type Options = { readonly [Name in keyof Settings]: OptionFor<Settings[Name]> };

/** The table. Its order is the order of the help. */
export const options: Options = {
  mode: {
    kind: "value",
    short: "m",
    value: "MODE",
    wanted: "regular, socks5, reverse:URL or upstream:URL, an http or https URL without a path, such as " +
      "reverse:http://127.0.0.1:3000",
    fallback: "regular",
    parse: parseMode,
    help: "regular (a forward proxy), reverse:URL to send everything to one origin, upstream:URL to send " +
      "everything on through another proxy, or socks5 (a SOCKS5 server)",
  },
  listenHost: {
    kind: "value",
    value: "HOST",
    wanted: "an address or a name, such as 127.0.0.1, ::1 or localhost",
    fallback: "127.0.0.1",
    parse: parseHost,
    help: "the address to listen on",
  },
  listenPort: {
    kind: "value",
    short: "p",
    value: "N",
    wanted: "a port from 0 to 65535 (0 takes a free one)",
    fallback: "8080",
    parse: (text) => parseInteger(text, 0, 65535),
    help: "the port to listen on; 0 takes a free one",
  },
  stream: {
    kind: "value",
    value: "SIZE",
    wanted: "a size such as 500k or 1.5m (0 streams every body)",
    parse: parseSize,
    help: "stream bodies that are larger than SIZE (b, k, m, g, t), whatever the scripts want whole",
  },
  script: {
    kind: "list",
    short: "s",
    value: "FILE",
    wanted: "the path of a .js, .mjs or .ts file",
    parse: parseScript,
    help: "run the hooks of a script; read again when it changes; repeatable, in order",
  },
  modifyBody: {
    kind: "list",
    short: "B",
    value: "RULE",
    wanted: "[/filter]/regex/replacement, such as '/~ts html/foobar/BAZ'",
    parse: parseBodyRule,
    help: "replace in bodies while they stream, such as '/~ts html/foobar/BAZ'; @FILE for a file's bytes; " +
      "repeatable, in order",
  },
  modifyHeaders: {
    kind: "list",
    short: "H",
    value: "RULE",
    wanted: "[/filter]/name/value, such as '/~s/Server/'",
    parse: parseHeaderRule,
    help: "set fields, or remove them by an empty value, such as '/~s/Server/'; @FILE for a file's text; " +
      "repeatable, in order",
  },
  chunkSize: {
    kind: "value",
    value: "N",
    wanted: "a number of bytes from 1 to 16777216",
    parse: (text) => parseInteger(text, 1, 16 * 1024 * 1024),
    help:
      "the most bytes in a chunk that a transform gets, where the body is not chunked; else 4096 where a script " +
      "sees the chunks, and as they are read where none does",
  },
  bodySizeLimit: {
    kind: "value",
    value: "SIZE",
    wanted: "a size such as 500k or 1.5m",
    parse: parseSize,
    help: "refuse bodies that are larger than SIZE, streamed or not",
  },
  quiet: { kind: "flag", short: "q", help: "log nothing" },
  verbose: { kind: "flag", short: "v", help: "log the fields of messages too; credentials are masked" },
  version: { kind: "flag", help: "print the version and end" },
  help: { kind: "flag", short: "h", help: "print this help and end" },
  allowPublic: {
    kind: "flag",
    help: "let a forward proxy listen where others reach it, and serve everyone",
  },
  proxyAuth: {
    kind: "value",
    value: "USER:PASSWORD",
    wanted: "a user name and a password with a colon between",
    secret: true,
    parse: parseCredentials,
    help: "serve only requests that bring these (SLUICE_PROXY_AUTH in the environment does the same, unseen)",
  },
  upstreamAuth: {
    kind: "value",
    value: "USER:PASSWORD",
    wanted: "a user name and a password with a colon between",
    secret: true,
    parse: parseCredentials,
    help:
      "what to tell the proxy of --mode upstream (SLUICE_UPSTREAM_AUTH in the environment does the same, " +
      "unseen)",
  },
  intercept: {
    kind: "flag",
    help:
      "open the TLS connections through a forward proxy, with a certificate authority that clients must trust",
  },
  interceptHosts: hostsOption("open only those to these hosts; repeatable"),
  ignoreHosts: hostsOption("never open those to these hosts; repeatable"),
  confdir: {
    kind: "value",
    value: "DIR",
    wanted: "the path of a folder",
    parse: parsePath,
    help: "keep the certificate authority there (default ~/.sluice)",
  },
  sslInsecure: {
    kind: "flag",
    short: "k",
    help: "let origins have any certificate: expired, of another name, of nobody's authority",
  },
  upstreamCa: fileOption(
    "trust these authorities, as PEM, to tell who an origin is, instead of the usual ones",
  ),
  upstreamCert: fileOption("the certificate, as PEM, for origins that ask for one"),
  upstreamKey: fileOption("its key, if that has a file of its own"),
  tlsCert: fileOption("listen with TLS: the certificate with its chain, as PEM"),
  tlsKey: fileOption("its key, if that has a file of its own"),
  blockPrivate: {
    kind: "flag",
    help:
      "refuse to connect to addresses that are not on the public internet (default where others reach a forward proxy)",
  },
  allowPrivate: {
    kind: "flag",
    help: "connect to them all the same",
  },
  connectPorts: {
    kind: "value",
    value: "PORTS",
    wanted: "all, or ports such as 443,8443 (never 25)",
    parse: parsePorts,
    help: "the ports that CONNECT may lead to (default all, or 443 where others reach the proxy)",
  },
  forwarded: {
    kind: "value",
    value: "HOW",
    wanted: "keep, replace or append",
    parse: parseForwarded,
    help:
      "what becomes of X-Forwarded-For and its kin: keep what clients send, replace it with what is known, or " +
      "append to it (default keep, or replace where others reach a reverse proxy)",
  },
  maxConnectionsPerClient: {
    kind: "value",
    value: "N",
    wanted: "a number from 1 to 1000000",
    parse: (text) => parseInteger(text, 1, 1_000_000),
    help:
      `the most connections from one address; beyond it: 503 (default ${limitTable.clientConnectionCount.value}, ` +
      "but for loopback addresses)",
  },
  ...limitRows,
};

function hostsOption(help: string): ListOption<HostMatcher> {
  return {
    kind: "list",
    value: "PATTERN",
    wanted: "a host such as example.com, *.example.com or example.com:8443",
    parse: parseHostPattern,
    help,
  };
}

function fileOption(help: string): ValueOption<string> {
  return { kind: "value", value: "FILE", wanted: "the path of a PEM file", parse: parsePath, help };
}

/**
 * The long option of a setting.
 *
 * @param name The setting's name.
 * @returns The option with its dashes: `listenHost` is `--listen-host`.
 */
export function longName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
