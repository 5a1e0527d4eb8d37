/**
 * The certificates and keys of a command line: reads the files, and makes sure that they can be used.
 */
import { UsageError } from "./args.ts";
import type { Host } from "./host.ts";
import { longName, type Settings } from "./options.ts";
import type { TlsClient, TlsIdentity, TlsServer } from "./tls.ts";

type TlsSettings = Pick<
  Settings,
  "sslInsecure" | "upstreamCa" | "upstreamCert" | "upstreamKey" | "tlsCert" | "tlsKey"
>;
type TlsHost = Pick<Host, "readFile" | "tls">;

/** What a command line makes of TLS. */
export interface LoadedTls {
  /** Speaks TLS with origins. */
  readonly tls: TlsClient;
  /** Speaks TLS with clients; `undefined` if they come in clear. */
  readonly listenTls: TlsServer | undefined;
}

/**
 * Makes the TLS of a command line ready.
 *
 * @param settings What the command line was told.
 * @param host The runtime.
 * @returns What speaks it.
 * @throws {UsageError} If a file can't be read, or has no certificate or key that could be used.
 */
export async function loadTls(settings: TlsSettings, host: TlsHost): Promise<LoadedTls> {
  const { sslInsecure, upstreamCa } = settings;
  const ca = upstreamCa === undefined ? undefined : await read("upstreamCa", upstreamCa, host);
  const shown = await identityOf("upstreamCert", "upstreamKey", settings, host);
  const own = await identityOf("tlsCert", "tlsKey", settings, host);
  if (ca !== undefined) usable("upstreamCa", () => host.tls.client({ ca }));
  return {
    tls: usable("upstreamCert", () => host.tls.client({ verify: !sslInsecure, ca, identity: shown })),
    listenTls: own === undefined ? undefined : usable("tlsCert", () => host.tls.server(own)),
  };
}

/** A certificate and its key; both may be in one file. */
async function identityOf(
  cert: "upstreamCert" | "tlsCert",
  key: "upstreamKey" | "tlsKey",
  settings: TlsSettings,
  host: TlsHost,
): Promise<TlsIdentity | undefined> {
  const { [cert]: certFile, [key]: keyFile } = settings;
  if (certFile === undefined) {
    if (keyFile === undefined) return undefined;
    throw new UsageError(
      `Cannot use ${longName(key)} without ${longName(cert)} as a key is for a certificate`,
    );
  }
  const text = await read(cert, certFile, host);
  if (keyFile === undefined && /-----BEGIN CERTIFICATE-----/.test(text) && !/PRIVATE KEY-----/.test(text)) {
    throw new UsageError(
      `Cannot use ${longName(cert)} without ${longName(key)} as there is no private key in its file`,
    );
  }
  return { cert: text, key: keyFile === undefined ? text : await read(key, keyFile, host) };
}

async function read(option: keyof TlsSettings, path: string, { readFile }: TlsHost): Promise<string> {
  try {
    return new TextDecoder().decode(await readFile(path));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`Cannot use ${longName(option)} as its file can't be read: ${reason}`, { cause });
  }
}

function usable<T>(option: keyof TlsSettings, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new UsageError(`Cannot use ${longName(option)}: ${cause.message}`, { cause });
  }
}
