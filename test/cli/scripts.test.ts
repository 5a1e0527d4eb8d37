import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ScriptLoader } from "../../lib/host.ts";
import { ScriptSet } from "../../lib/scripts.ts";

const hook = () => undefined;
const other = () => undefined;

/** Files in memory, with the log of what was told; `told` waits for the next line. */
class Bench implements ScriptLoader {
  readonly lines: string[] = [];
  readonly stopped: string[] = [];
  #files: Map<string, unknown>;
  #watchers: Map<string, () => void> = new Map();
  #waiting: ((line: string) => void)[] = [];
  readonly log = {
    warn: (text: string) => this.#tell(`warn ${text}`),
    info: (text: string) => this.#tell(text),
  };

  constructor(files: Record<string, unknown>) {
    this.#files = new Map(Object.entries(files));
  }

  resolvePath(path: string): string {
    return `/${path}`;
  }

  importModule(path: string): Promise<unknown> {
    const exported = this.#files.get(path.slice(1));
    return exported instanceof Error ? Promise.reject(exported) : Promise.resolve(exported);
  }

  watch(path: string, onChange: () => void): () => void {
    this.#watchers.set(path, onChange);
    return () => this.stopped.push(path);
  }

  /** Changes a file, as an editor does: with several events. */
  change(name: string, exported: unknown): Promise<string> {
    this.#files.set(name, exported);
    for (let i = 0; i < 3; i++) this.#watchers.get(`/${name}`)!();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #tell(line: string): void {
    this.lines.push(line);
    this.#waiting.shift()?.(line);
  }
}

async function loaded(files: Record<string, unknown>): Promise<{ bench: Bench; scripts: ScriptSet }> {
  const bench = new Bench(files);
  const scripts = new ScriptSet(Object.keys(files), bench, bench.log);
  await scripts.load();
  scripts.watch();
  return { bench, scripts };
}

describe("ScriptSet", () => {
  it("loads hooks in order and leaves other exports out", async () => {
    const { bench, scripts } = await loaded({
      "a.js": { response: hook, helper: hook, VERSION: 3 },
      "b.js": { requestheaders: hook, error: other },
    });
    assert.deepEqual(scripts.current(), [{ response: hook }, { requestheaders: hook, error: other }]);
    assert.deepEqual(bench.lines, []);
  });

  it("warns of exports that look like misspelt hooks, and of scripts without any", async () => {
    const { bench } = await loaded({
      "a.js": { responseHeaders: hook, respones: hook, response: hook },
      "b.js": {},
    });
    assert.deepEqual(bench.lines, [
      "warn a.js exports responseHeaders, which is no hook; did you mean responseheaders?",
      "warn a.js exports respones, which is no hook; did you mean response?",
      "warn b.js exports no hook, so it does nothing; hooks are requestheaders, request, responseheaders, response, error",
    ]);
  });

  it("makes a hook of routes, and refuses those that can't be defined", async () => {
    const { scripts } = await loaded({ "a.js": { response: hook, routes: () => {} } });
    assert.deepEqual(Object.keys(scripts.current()[0]!), ["response", "responseheaders"]);
    const routes = () => {
      throw new TypeError("no such host");
    };
    await assert.rejects(loaded({ "a.js": { routes } }), {
      name: "ScriptLoadError",
      message: "Cannot load the script a.js: routes: TypeError: no such host",
    });
  });

  it("refuses a script that fails, or whose hook is no function", async () => {
    await assert.rejects(loaded({ "a.js": new SyntaxError("Unexpected token ';'") }), {
      name: "ScriptLoadError",
      message: "Cannot load the script a.js: SyntaxError: Unexpected token ';'",
    });
    await assert.rejects(loaded({ "a.js": { response: "hello" } }), {
      name: "ScriptLoadError",
      message: "Cannot load the script a.js as its response must be a function: got string",
    });
  });

  it("reads a changed file again, once for all events of a change", async () => {
    const { bench, scripts } = await loaded({ "a.js": { response: hook }, "b.js": { request: hook } });
    const before = scripts.current();
    assert.equal(await bench.change("a.js", { response: other }), "Loaded a.js again");
    assert.deepEqual(scripts.current(), [{ response: other }, { request: hook }]);
    assert.deepEqual(before, [{ response: hook }, { request: hook }], "a flow that began keeps its hooks");
    assert.equal(await bench.change("b.js", { request: other }), "Loaded b.js again");
    assert.deepEqual(bench.lines, ["Loaded a.js again", "Loaded b.js again"]);
    scripts.close();
  });

  it("keeps the last good version of a file that fails, until it is mended", async () => {
    const { bench, scripts } = await loaded({ "a.js": { response: hook } });
    assert.equal(
      await bench.change("a.js", new SyntaxError("Unexpected end of input")),
      "warn Cannot load the script a.js: SyntaxError: Unexpected end of input; the version before it stays in place",
    );
    assert.deepEqual(scripts.current(), [{ response: hook }]);
    assert.match(
      await bench.change("a.js", { response: 1 }),
      /must be a function: got number; the version before/,
    );
    assert.deepEqual(scripts.current(), [{ response: hook }]);
    await bench.change("a.js", { response: other });
    assert.deepEqual(scripts.current(), [{ response: other }]);
    scripts.close();
  });

  it("stops watching when it is closed", async () => {
    const { bench, scripts } = await loaded({ "a.js": { response: hook }, "b.js": { response: hook } });
    scripts.close();
    assert.deepEqual(bench.stopped, ["/a.js", "/b.js"]);
  });

  it("tells that a file can't be watched, and goes on", async () => {
    const bench = new Bench({ "a.js": { response: hook } });
    const loader: ScriptLoader = {
      resolvePath: (path) => bench.resolvePath(path),
      importModule: (path) => bench.importModule(path),
      watch: (_path, _onChange, onError) => {
        onError(new Error("no space left on device"));
        return () => undefined;
      },
    };
    const scripts = new ScriptSet(["a.js"], loader, bench.log);
    await scripts.load();
    scripts.watch();
    assert.deepEqual(bench.lines, [
      "warn Cannot watch a.js, so its changes go unseen: Error: no space left on device",
    ]);
    assert.deepEqual(scripts.current(), [{ response: hook }]);
  });
});
