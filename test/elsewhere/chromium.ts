/** Chromium without a window, in a profile of its own. */
import { programs, requireHere } from "./tools.ts";

/** As much of a tab as is needed. */
export interface Tab {
  /** Opens a URL; settles when the head has come, or when all has. */
  goto(
    url: string,
    options?: { readonly waitUntil: "commit" | "load" },
  ): Promise<unknown>;
  /** Runs a function in the page. */
  evaluate<Result, Argument>(
    work: (argument: Argument) => Result,
    argument: Argument,
  ): Promise<Awaited<Result>>;
  /** Waits until a function in the page returns true. */
  waitForFunction<Argument>(
    check: (argument: Argument) => boolean,
    argument: Argument,
  ): Promise<unknown>;
}

interface Context {
  newPage(): Promise<Tab>;
  close(): Promise<void>;
}

interface Playwright {
  readonly chromium: {
    launchPersistentContext(folder: string, options: object): Promise<Context>;
  };
}

/** A browser that runs; disposing ends it. */
export interface Browser extends AsyncDisposable {
  /** Opens a tab. */
  newTab(): Promise<Tab>;
}

/** What differs from a Chromium that goes to the network by itself. */
export interface ChromiumOptions {
  /** More arguments; those about a proxy stand in for the one that says that there is none. */
  readonly args?: readonly string[];
  /** Its environment; default that of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Starts Chromium.
 *
 * @param folder An empty folder for its profile.
 * @param options What differs.
 */
export async function startChromium(
  folder: string,
  { args = ["--no-proxy-server"], env }: ChromiumOptions = {},
): Promise<Browser> {
  const { chromium } = requireHere("playwright-core") as Playwright;
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: programs.chromium,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...args,
    ],
    ...env !== undefined && { env },
  });
  return {
    newTab: () => context.newPage(),
    [Symbol.asyncDispose]: () => context.close(),
  };
}
