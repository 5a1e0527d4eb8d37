/**
 * The command line, the same on every runtime: read the words, load the scripts, listen, say so, and end well.
 *
 * On standard output there is exactly one line, when the port is bound; the log goes to standard error. The exit code is
 * 0 after a signal, 1 if the proxy can't start, 2 for words that can't be understood, and for a certificate authority that
 * can't be used.
 */
import { readSettings, UsageError } from "./args.ts";
import { AuthorityError } from "./authority-store.ts";

import { limitsWithin } from "./descriptors.ts";
import { SocketError } from "./errors.ts";
import { exposureOf } from "./exposure.ts";
import { helpText } from "./help.ts";
import type { Host, Signal } from "./host.ts";
import { loadInterception } from "./load-interception.ts";
import { loadRules } from "./load-rules.ts";
import { loadTls } from "./load-tls.ts";
import { createLog, type Log, printable } from "./log.ts";
import { limitsOf } from "./limit-options.ts";
import { defaultLimits } from "./limits.ts";
import type { Settings } from "./options.ts";
import { createProxy, type Proxy, type ProxyOptions } from "./proxy.ts";
import { rulesBehind } from "./rules.ts";
import { ScriptLoadError, ScriptSet } from "./scripts.ts";
import type { Address } from "./socket.ts";
import { stopping } from "./stopping.ts";
import { authorityOf } from "./target.ts";
import { version } from "./version.ts";

/**
 * Runs the command line until a signal ends it.
 *
 * @param args The words after the program's name.
 * @param host The runtime.
 * @returns The exit code.
 */
export async function main(args: readonly string[], host: Host): Promise<number> {
  try {
    const settings = readSettings(args, host.parseArgs);
    if (settings.help) host.stdout.write(helpText());
    else if (settings.version) host.stdout.write(`sluice ${version}\n`);
    else await serve(settings, host);
    return 0;
  } catch (error) {
    const code = EXIT_CODES.find(([kind]) => error instanceof kind)?.[1];
    if (code === undefined) throw error;
    host.stderr.write(`sluice: ${printable((error as Error).message)}\n`);
    return code;
  }
}

/** The failures that are told in one line; any other is a fault of the program and keeps its stack. */
const EXIT_CODES: readonly (readonly [new (...args: never[]) => Error, number])[] = [
  [UsageError, 2],
  [ScriptLoadError, 1],
  [SocketError, 1],
  [AuthorityError, 2],
];

const INSECURE =
  "No origin has to prove who it is: --ssl-insecure is set, so anyone on the way can read and change everything";

/** Where descriptors allow fewer connections than this, the user should know. */
const FEW_CONNECTIONS = 1000;

async function serve(settings: Settings, host: Host): Promise<void> {
  const { warning, ...exposure } = exposureOf(settings, host.env("SLUICE_PROXY_AUTH"));
  const upstreamAuth = upstreamAuthOf(settings, host.env("SLUICE_UPSTREAM_AUTH"));
  const log = logFor(settings, host);
  const { limits, timeouts } = limitsFor(settings, host.openFiles(), log);
  if (warning !== null) log.warn(warning);
  const scripts = new ScriptSet(settings.script, host, log);
  const warn = (text: string) => log.warn(text);
  const withRules = rulesBehind(await loadRules(settings, host, log), { streamOver: settings.stream, warn });
  const tls = await loadTls(settings, host);
  if (settings.sslInsecure) log.warn(INSECURE);
  const interception = await loadInterception(settings, host, log);
  await scripts.load();
  const proxy = createProxy({
    network: host.network,
    ...tls,
    interception,
    codings: host.codings,
    mode: settings.mode,
    streamOver: settings.stream,
    chunkSize: settings.chunkSize,
    bodySizeLimit: settings.bodySizeLimit,
    hooks: () => withRules(scripts.current()),
    log,
    ...exposure,
    upstreamAuth,
    limits,
    timeouts,
  });
  const signal = firstSignal(host);
  const address = await listen(proxy, settings);
  host.onStray((error) => host.stderr.write(`sluice: an error that nobody caught: ${stackOf(error)}\n`));
  scripts.watch();
  host.stdout.write(`sluice listening on ${schemeFor(settings)}://${authorityOf(address)}\n`);
  // Whoever presses Ctrl-C wants the terminal back; a service that is told to end lets its streams run out.
  const cutStreams = await signal === "SIGINT";
  log.info(stopping(proxy.work, cutStreams, settings.drainTimeout));
  scripts.close();
  await proxy.close(undefined, { cutStreams });
}

function schemeFor({ mode, tlsCert }: Settings): string {
  if (mode.kind === "socks5") return "socks5";
  return tlsCert === undefined ? "http" : "https";
}

function upstreamAuthOf({ mode, upstreamAuth }: Settings, unseen: string | undefined): string | undefined {
  if (mode.kind === "upstream") return upstreamAuth ?? unseen;
  if (upstreamAuth === undefined) return undefined;
  throw new UsageError("Cannot use --upstream-auth without --mode upstream:URL as nobody would be told it");
}

function limitsFor(
  settings: Settings,
  openFiles: number | null,
  log: Log,
): Required<Pick<ProxyOptions, "limits" | "timeouts">> {
  const { limits, timeouts } = limitsOf(settings);
  const wanted = { ...defaultLimits, ...limits };
  const possible = limitsWithin(wanted, openFiles);
  const { connectionCount } = possible;
  if (connectionCount < Math.min(wanted.connectionCount, FEW_CONNECTIONS)) {
    log.warn(
      `Only ${connectionCount} clients can be served at a time, as the system allows ${openFiles} open files`,
    );
  }
  const share = settings.maxConnectionsPerClient;
  const shares = share === undefined ? {} : { clientConnectionCount: share };
  return { limits: { ...limits, ...possible, ...shares }, timeouts };
}

function logFor(settings: Settings, host: Host): Log {
  return createLog({
    write: (text) => host.stderr.write(text),
    verbosity: settings.quiet ? "quiet" : settings.verbose ? "verbose" : "normal",
    colour: host.stderr.isTerminal && !host.env("NO_COLOR"),
  });
}

async function listen(proxy: Proxy, { listenHost, listenPort }: Settings): Promise<Address> {
  try {
    return await proxy.listen({ host: listenHost, port: listenPort });
  } catch (error) {
    if (!(error instanceof SocketError) || error.code !== "in-use") throw error;
    const place = authorityOf({ host: listenHost, port: listenPort });
    const line = `Cannot listen on ${place} as the port is in use; choose another with --listen-port, or 0`;
    throw new SocketError("in-use", line, { cause: error });
  }
}

/** The first signal resolves it; a second one ends the process at once. */
function firstSignal(host: Host): Promise<Signal> {
  return new Promise((resolve) => {
    let seen = false;
    host.onSignal((signal) => {
      if (seen) host.exit(1);
      seen = true;
      resolve(signal);
    });
  });
}

function stackOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
