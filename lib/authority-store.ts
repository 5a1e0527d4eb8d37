/**
 * Where the certificate authority is kept between runs: in a folder that nobody else may see, a file with its key, made once,
 * and beside it the certificate in the formats that systems import.
 *
 * The folder is looked at first: where only this user and root can put files, what the others' are need not be feared.
 *
 * The file with the key appears whole or not at all, and never in place of another: it is written under a name of its own,
 * and linked to the real one, which fails if that is there. So of two proxies that start at once both have the same authority.
 * The public files do replace others, but are never written through what lies there: a link goes, what it names stays.
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
const ROOT = 0;

/** What is known of a file. */
export interface FileFacts {
  /** Who may do what. */
  readonly mode: number;
  /** The number of its owner. */
  readonly uid: number;
  /** Whether it is one that holds bytes. */
  isFile(): boolean;
  /** Whether it is a folder. */
  isDirectory(): boolean;
}

/** The functions of `node:fs/promises` that are needed. */
export interface FileModule {
  /** Makes a folder; fails if it is there. */
  mkdir(path: string, options: { mode: number }): Promise<unknown>;
  /** Asks about a file, or what a link names. */
  stat(path: string): Promise<FileFacts>;
  /** Asks about a file, or a link itself. */
  lstat(path: string): Promise<FileFacts>;
  /** Reads a file. */
  readFile(path: string): Promise<Uint8Array>;
  /** Writes a file, if there is none. */
  writeFile(path: string, data: string | Uint8Array, options: { mode: number; flag: "wx" }): Promise<void>;
  /** Gives a file another name; fails if that is taken. */
  link(from: string, to: string): Promise<void>;
  /** Gives a file another name, in place of what has it. */
  rename(from: string, to: string): Promise<void>;
  /** Takes a file's name away. */
  unlink(path: string): Promise<void>;
}

/** What keeping an authority takes. */
export interface AuthorityHost {
  /** Files. */
  readonly files: FileModule;
  /** Whether they have modes and owners. */
  readonly hasModes: boolean;
  /** The number of the user, where users have one. */
  readonly userId: number;
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
 * @throws {AuthorityError} If others may see the key or the folder, or something can't be read, written, understood or used.
 */
export async function keptAuthority(
  folder: string | undefined,
  host: AuthorityHost,
): Promise<{ readonly authority: Authority; readonly folder: string }> {
  const path = folder ?? `${host.homeFolder}/.sluice`;
  try {
    await checkFolder(path, host);
    const modules = await host.loadPki();
    const authority = await openKey(`${path}/${KEY_FILE}`, modules, host);
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

/** Only the folder itself is made: those around it have other users, and some systems try for ever to make more. */
async function checkFolder(path: string, host: AuthorityHost): Promise<void> {
  try {
    await host.files.mkdir(path, { mode: FOLDER_MODE });
  } catch (cause) {
    if (isCode(cause, "ENOENT")) {
      const wanted = "the folder around it must be there: make that, or choose another with --confdir";
      throw new AuthorityError(`Cannot keep the certificate authority in ${path} as ${wanted}`, { cause });
    }
    if (!isCode(cause, "EEXIST")) throw cause;
  }
  const facts = await host.files.stat(path);
  if (!facts.isDirectory()) {
    throw new AuthorityError(
      `Cannot keep the certificate authority in ${path} as that must be a folder; choose another with --confdir`,
    );
  }
  checkOwner(path, facts, FOLDER_MODE, host);
}

async function openKey(path: string, modules: PkiModules, host: AuthorityHost): Promise<Authority> {
  const { files } = host;
  if (!await exists(path, files)) await create(path, await Authority.make(modules), files);
  const facts = await files.lstat(path);
  if (!facts.isFile()) {
    throw new AuthorityError(
      `Cannot intercept as the certificate authority's key must be in a file, not behind a link or elsewhere: ${path} ` +
        "is none; put the file itself there",
    );
  }
  checkOwner(path, facts, KEY_MODE, host);
  const text = new TextDecoder().decode(await files.readFile(path));
  try {
    return await Authority.open(modules, text);
  } catch (cause) {
    if (!(cause instanceof TypeError || cause instanceof RangeError)) throw cause;
    throw new AuthorityError(
      `${cause.message}; remove ${path} to have another made, which clients then have to trust`,
      { cause },
    );
  }
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

/** Put there anew each time, so that they never are those of another authority. */
async function publish(authority: Authority, folder: string, files: FileModule): Promise<void> {
  const formats = { pem: authority.pem, cer: authority.certificate, p12: await authority.store() };
  for (const [format, name] of Object.entries(CERTIFICATE_FILES)) {
    const data = formats[format as keyof typeof formats];
    const own = `${folder}/${name}.${crypto.randomUUID()}`;
    await files.writeFile(own, data, { mode: PUBLIC_MODE, flag: "wx" });
    try {
      await files.rename(own, `${folder}/${name}`);
    } catch (error) {
      await files.unlink(own);
      throw error;
    }
  }
}

function checkOwner(
  path: string,
  { mode, uid }: FileFacts,
  wanted: number,
  { hasModes, userId }: AuthorityHost,
): void {
  if (!hasModes) return;
  if (uid !== userId && uid !== ROOT) {
    throw new AuthorityError(
      `Cannot intercept as nobody else may get at the certificate authority's key: ${path} belongs to user ${uid}; ` +
        "choose a folder of your own with --confdir",
    );
  }
  if ((mode & OTHERS) === 0) return;
  const [is, should] = [mode & 0o777, wanted].map((bits) => bits.toString(8));
  throw new AuthorityError(
    `Cannot intercept as nobody else may get at the certificate authority's key: ${path} has mode ${is}; ` +
      `chmod ${should} it, if nobody has seen the key yet, or else remove it`,
  );
}

async function exists(path: string, files: FileModule): Promise<boolean> {
  try {
    await files.lstat(path);
    return true;
  } catch (error) {
    if (isCode(error, "ENOENT")) return false;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return (error as { code?: unknown } | null)?.code === code;
}
