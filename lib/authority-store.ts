/**
 * Where the certificate authority is kept between runs: in a folder that nobody else may see, a file with its key, made once,
 * and beside it the certificate in the formats that systems import.
 *
 * The file with the key appears whole or not at all, and never in place of another: it is written under a name of its own,
 * and linked to the real one, which fails if that is there. So of two proxies that start at once both have the same authority.
 */
import { Authority } from "./authority.ts";
import { CERTIFICATE_FILES } from "./onboarding.ts";
import type { PkiModules } from "./pki-module.ts";

const KEY_FILE = "sluice-ca.pem";
const FOLDER_MODE = 0o700;
const KEY_MODE = 0o600;
const PUBLIC_MODE = 0o644;
/** What others than the owner may do. */
const OTHERS = 0o077;

/** The functions of `node:fs/promises` that are needed. */
export interface FileModule {
  /** Makes a folder, with those around it; does nothing if it is there. */
  mkdir(path: string, options: { recursive: true; mode: number }): Promise<unknown>;
  /** Asks about a file. */
  stat(path: string): Promise<{ readonly mode: number }>;
  /** Reads a file. */
  readFile(path: string): Promise<Uint8Array>;
  /** Writes a file; with the flag `wx` only if there is none. */
  writeFile(
    path: string,
    data: string | Uint8Array,
    options: { mode: number; flag: "w" | "wx" },
  ): Promise<void>;
  /** Gives a file another name; fails if that is taken. */
  link(from: string, to: string): Promise<void>;
  /** Takes a file's name away. */
  unlink(path: string): Promise<void>;
}

/** What keeping an authority takes. */
export interface AuthorityHost {
  /** Files. */
  readonly files: FileModule;
  /** Whether they have modes. */
  readonly hasModes: boolean;
  /** The user's own folder. */
  readonly homeFolder: string;
  /** What makes certificates; loaded when it is needed. */
  loadPki(): Promise<PkiModules>;
}

/** The authority can't be kept, or can't be used. */
export class AuthorityError extends Error {
  /** The class, for those who only see the error. */
  override readonly name = "AuthorityError";
}

/**
 * Takes up the authority of a folder, or makes it.
 *
 * @param folder The folder; `undefined` for `.sluice` in the user's own.
 * @param host The runtime.
 * @returns The authority, and the folder.
 * @throws {AuthorityError} If others may see the key or the folder, or something can't be read, written or understood.
 */
export async function keptAuthority(
  folder: string | undefined,
  host: AuthorityHost,
): Promise<{ readonly authority: Authority; readonly folder: string }> {
  const path = folder ?? `${host.homeFolder}/.sluice`;
  try {
    await host.files.mkdir(path, { recursive: true, mode: FOLDER_MODE });
    await checkMode(path, FOLDER_MODE, host);
    const modules = await host.loadPki();
    const authority = await Authority.open(modules, await keyFile(`${path}/${KEY_FILE}`, modules, host));
    await publish(authority, path, host.files);
    return { authority, folder: path };
  } catch (cause) {
    if (cause instanceof AuthorityError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AuthorityError(`Cannot intercept with the certificate authority in ${path}: ${reason}`, {
      cause,
    });
  }
}

async function keyFile(path: string, modules: PkiModules, host: AuthorityHost): Promise<string> {
  if (!await exists(path, host.files)) await create(path, await Authority.make(modules), host.files);
  await checkMode(path, KEY_MODE, host);
  return new TextDecoder().decode(await host.files.readFile(path));
}

async function create(path: string, text: string, files: FileModule): Promise<void> {
  const own = `${path}.${crypto.randomUUID()}`;
  await files.writeFile(own, text, { mode: KEY_MODE, flag: "wx" });
  try {
    await files.link(own, path);
  } catch (error) {
    // Another proxy was quicker: its authority is as good.
    if (!isCode(error, "EEXIST")) throw error;
  } finally {
    await files.unlink(own);
  }
}

/** Written anew each time, so that they never are those of another authority. */
async function publish(authority: Authority, folder: string, files: FileModule): Promise<void> {
  const formats = { pem: authority.pem, cer: authority.certificate, p12: await authority.store() };
  for (const [format, name] of Object.entries(CERTIFICATE_FILES)) {
    const data = formats[format as keyof typeof formats];
    await files.writeFile(`${folder}/${name}`, data, { mode: PUBLIC_MODE, flag: "w" });
  }
}

async function checkMode(path: string, wanted: number, { files, hasModes }: AuthorityHost): Promise<void> {
  const { mode } = await files.stat(path);
  if (!hasModes || (mode & OTHERS) === 0) return;
  const [is, should] = [mode & 0o777, wanted].map((bits) => bits.toString(8));
  throw new AuthorityError(
    `Cannot intercept as nobody else may get at the certificate authority's key: ${path} has mode ${is}; ` +
      `chmod ${should} it, if nobody has seen the key yet, or else remove it`,
  );
}

async function exists(path: string, files: FileModule): Promise<boolean> {
  try {
    await files.stat(path);
    return true;
  } catch (error) {
    if (isCode(error, "ENOENT")) return false;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return (error as { code?: unknown } | null)?.code === code;
}
