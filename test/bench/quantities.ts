// The quantities that more than one work measures, and how they come from what was seen.

import type { Load, Transfer } from "./client.ts";
import type { Quantity, Values } from "./work.ts";

/** CPU time of the proxy for 1e9 bytes that the client got or sent. */
export const CPU: Quantity = { key: "cpu", name: "CPU s/GB", digits: 2 };
/** 1e6 bytes a second, as the client saw it. */
export const SPEED: Quantity = { key: "speed", name: "MB/s", digits: 0 };
/** Requests a second, as the client saw it. */
export const RATE: Quantity = { key: "rate", name: "requests/s", digits: 0 };
/** CPU time of the proxy for a request. */
export const CPU_PER_REQUEST: Quantity = { key: "cpuPerRequest", name: "CPU µs/request", digits: 1 };

/**
 * What a transfer says.
 *
 * @param cpu The proxy's CPU time in seconds.
 * @param transfer The transfer.
 * @returns The values of CPU and SPEED.
 */
export function transferValues(cpu: number, { bytes, seconds }: Transfer): Values {
  return { [CPU.key]: cpu / (bytes / 1e9), [SPEED.key]: bytes / seconds / 1e6 };
}

/**
 * What many requests say.
 *
 * @param cpu The proxy's CPU time in seconds.
 * @param load The requests.
 * @returns The values of RATE and CPU_PER_REQUEST.
 */
export function loadValues(cpu: number, { requests, perSecond }: Load): Values {
  return { [RATE.key]: perSecond, [CPU_PER_REQUEST.key]: cpu / requests * 1e6 };
}
