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

/**
 * Starts Chromium.
 *
 * @param folder An empty folder for its profile.
 */
export async function startChromium(folder: string): Promise<Browser> {
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
      "--no-proxy-server",
    ],
  });
  return {
    newTab: () => context.newPage(),
    [Symbol.asyncDispose]: () => context.close(),
  };
}
