/**
 * As much of `node:test` as the tests of the transforms need, for runtimes that have no test runner: bundled in its
 * place. What is described is kept, and run when it is asked for, in order.
 */

/** What a test is given. */
interface Context {
  readonly mock: { method(object: object, name: string, replacement: unknown): void };
}

type Body = (context: Context) => unknown;

/** How the tests went. */
export interface Report {
  /** How many passed. */
  readonly passed: number;
  /** What failed, and why. */
  readonly failures: readonly string[];
}

const tests: { readonly name: string; readonly body: Body }[] = [];
const path: string[] = [];

/** Describes what belongs together. */
export function describe(name: string, body: () => void): void {
  path.push(name);
  body();
  path.pop();
}

/** Describes a test. */
export function it(name: string, body: Body): void {
  tests.push({ name: [...path, name].join(" > "), body });
}

/** Runs what has been described. */
export async function runAll(): Promise<Report> {
  let passed = 0;
  const failures: string[] = [];
  for (const { name, body } of tests) {
    const { mock, restore } = mocking();
    try {
      await body({ mock });
      passed++;
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
    } finally {
      restore();
    }
  }
  return { passed, failures };
}

function mocking(): Context & { readonly restore: () => void } {
  const undo: (() => void)[] = [];
  return {
    mock: {
      method(object, name, replacement) {
        const own = Object.getOwnPropertyDescriptor(object, name);
        Object.defineProperty(object, name, { value: replacement, configurable: true, writable: true });
        undo.push(() =>
          own === undefined ? Reflect.deleteProperty(object, name) : restored(object, name, own)
        );
      },
    },
    restore: () => undo.forEach((step) => step()),
  };
}

function restored(object: object, name: string, own: PropertyDescriptor): void {
  Object.defineProperty(object, name, own);
}
