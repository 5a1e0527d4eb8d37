/**
 * What the proxy itself answers to clients that use it: a page on a name that no server can have (`.internal` is kept free
 * for private use), with the certificate authority's certificate for download and how to trust it.
 */
import { Router } from "itty-router";
import type { Authority } from "./authority.ts";
import type { Exchange } from "./exchange.ts";
import type { Answer } from "./local-answer.ts";
import { onboardingPage } from "./onboarding-page.ts";
import type { Address } from "./socket.ts";
import { defaultPort } from "./target.ts";

/** The name. */
export const RESERVED_HOST = "sluice.internal";

/** Whether the proxy itself answers there, if it intercepts. */
export function isReserved({ host, port }: Address): boolean {
  return (port === 80 || port === 443) && host.toLowerCase().replace(/\.$/, "") === RESERVED_HOST;
}

/** The files of the certificate, by their names. */
export const CERTIFICATE_FILES = {
  pem: "sluice-ca-cert.pem",
  cer: "sluice-ca-cert.cer",
  p12: "sluice-ca-cert.p12",
} as const;

/** What a log says of a client that trusts no certificate for a host. */
export function distrusted(name: string): string {
  return `its client doesn't trust this proxy to answer as ${name}; http://${RESERVED_HOST}/ through the proxy tells how`;
}

/**
 * What the proxy itself has to say to a request.
 *
 * @param x The request's flow.
 * @returns The answer; `null` if the request is for somebody else.
 */
export function ownAnswer({ context, flow, head }: Exchange): Promise<Answer> | null {
  const { interception } = context;
  if (interception === null || head.method === "CONNECT") return null;
  const { scheme, host, port, path } = flow.request.target;
  if (!isReserved({ host, port }) || port !== defaultPort(scheme)) return null;
  const method = head.method === "HEAD" ? "GET" : head.method;
  return router.fetch({ method, url: `http://${RESERVED_HOST}${path}` }, interception.authority);
}

const router = Router({ finally: [(answer) => answer ?? MISSING] })
  .get("/", async (_, authority: Authority) => page(await authority.fingerprint()))
  .get(
    `/${CERTIFICATE_FILES.pem}`,
    (_, { pem }: Authority) => file("x-x509-ca-cert", CERTIFICATE_FILES.pem, pem),
  )
  .get(
    `/${CERTIFICATE_FILES.cer}`,
    (_, { certificate }: Authority) => file("x-x509-ca-cert", CERTIFICATE_FILES.cer, certificate),
  )
  .get(
    `/${CERTIFICATE_FILES.p12}`,
    async (_, authority: Authority) => file("x-pkcs12", CERTIFICATE_FILES.p12, await authority.store()),
  );

const MISSING: Answer = {
  status: 404,
  headers: { "Content-Type": "text/plain; charset=utf-8" },
  body: `There is nothing here; see http://${RESERVED_HOST}/\n`,
};

function page(fingerprint: string): Answer {
  return {
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Cache-Control": "no-store",
      "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    },
    body: onboardingPage(fingerprint),
  };
}

function file(type: string, name: string, body: string | Uint8Array): Answer {
  return {
    headers: {
      "Content-Type": `application/${type}`,
      "Content-Disposition": `attachment; filename="${name}"`,
      "Cache-Control": "no-store",
    },
    body,
  };
}
