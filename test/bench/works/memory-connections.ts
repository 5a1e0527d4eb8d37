// What one more connection costs in memory: one that is idle after a request, one whose client reads a long
// body as fast as it can, and one whose client has stopped reading. Each measurement has a fresh process, as
// memory that a process has once had it keeps.

import { setTimeout as sleep } from "node:timers/promises";
import { type Bench, messageOf, type Proxy } from "../bench.ts";
import { BLOCK } from "../body.ts";
import { settledResidentBytes, treeResidentBytes } from "../memory.ts";
import { MITMPROXY, mitmproxy, NGINX, nginx, sluice, type Subject } from "../subjects.ts";
import type { Quantity, Row, Values, Work } from "../work.ts";
import { pathOf } from "./generated.ts";
import { Reader } from "./reader.ts";

const MEMORY: Quantity = { key: "memory", name: "kB of RSS a connection", digits: 0 };
/** A body that nobody reads to its end, in bytes. */
const ENDLESS = 2 ** 40;
/** Requests that warm a process up. */
const WARM_UP = 20;
/** Connections that are made idle at a time. */
const AT_A_TIME = 20;
/** How many looks at the memory there are while connections are active, and the time between, in milliseconds. */
const LOOKS = 25;
const BETWEEN = 20;

interface State {
  readonly connections: number;
  /** The most kB that a connection may cost. */
  readonly target: number;
  /** Brings connections into the state and tells the memory then, in bytes. */
  readonly reach: (proxy: Proxy, connections: number) => Promise<number>;
}

const states: Readonly<Record<string, State>> = {
  idle: {
    connections: 1000,
    target: 20,
    reach: async ({ running }, connections) => {
      const readers: Reader[] = [];
      // Few at a time, as they are not to be active together.
      while (readers.length < connections) {
        const some = await open(running.port, AT_A_TIME, BLOCK);
        await Promise.all(some.map((reader) => reader.readTo(BLOCK)));
        readers.push(...some);
      }
      return await leave(readers, () => settledResidentBytes(running.pid));
    },
  },
  active: {
    connections: 100,
    target: 600,
    reach: async ({ running }, connections) => {
      const readers = await open(running.port, connections, ENDLESS);
      for (const reader of readers) reader.flow();
      return await leave(readers, async () => {
        let most = 0;
        for (let look = 0; look < LOOKS; look++) {
          await sleep(BETWEEN);
          most = Math.max(most, treeResidentBytes(running.pid));
        }
        return most;
      });
    },
  },
  stalled: {
    connections: 100,
    target: 256,
    reach: async ({ running }, connections) => {
      const readers = await open(running.port, connections, ENDLESS);
      return await leave(readers, () => settledResidentBytes(running.pid));
    },
  },
};

/** The memory of connections. */
export const memoryConnections: Work = {
  name: "memory-connections",
  title: "Memory of a connection",
  quantities: [MEMORY],
  bases: [NGINX, MITMPROXY],
  targets: Object.entries(states).map(([variant, { target }]) => ({
    quantity: MEMORY.key,
    variant,
    atMost: target,
  })),
  plotted: true,
  prepare: async (bench) => {
    const origin = await bench.origin("generator.js");
    const subjects = [...sluice(), nginx, mitmproxy].filter(({ name }) => bench.options.subjects.test(name));
    return Object.entries(states).flatMap(([variant, state]) =>
      subjects.map((subject): Row => ({
        subject: subject.name,
        variant,
        at: null,
        measure: subject.program === null ? null : () => measure(bench, subject, origin, state),
        notes: subject.program === null ? [`not installed${subject.hint ?? ""}`] : [],
      }))
    );
  },
};

async function measure(bench: Bench, subject: Subject, origin: number, state: State): Promise<Values> {
  const proxy = await bench.start(subject, origin);
  try {
    // Some traffic first, one request after the other: code that is loaded and compiled is no connection's.
    for (let request = 0; request < WARM_UP; request++) {
      const readers = await open(proxy.running.port, 1, 16 * BLOCK);
      await leave(readers, () => Promise.all(readers.map((reader) => reader.readTo(16 * BLOCK))));
    }
    const before = await settledResidentBytes(proxy.running.pid);
    const connections = bench.options.quick ? state.connections / 10 : state.connections;
    const after = await state.reach(proxy, connections);
    return { [MEMORY.key]: (after - before) / connections / 1000 };
  } catch (error) {
    throw new Error(`${subject.name}: ${messageOf(error)}`);
  } finally {
    await bench.stop(proxy);
  }
}

async function open(port: number, connections: number, size: number): Promise<readonly Reader[]> {
  return await Promise.all(
    Array.from({ length: connections }, () => Reader.open(port, pathOf(size, {}))),
  );
}

/** Does something, then lets the connections go. */
async function leave<T>(readers: readonly Reader[], action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } finally {
    for (const reader of readers) reader.close();
  }
}
