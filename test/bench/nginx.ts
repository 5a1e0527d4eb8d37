import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Writes a configuration that nginx can run with as any user, in the foreground, all its files in one folder.
 *
 * @param folder The folder.
 * @param name What it is: a part of the names of its files.
 * @param http The directives of the http block that are this instance's own.
 * @returns The path of the configuration.
 */
export function writeNginxConfig(folder: string, name: string, http: string): string {
  const own = mkdtempSync(join(folder, `nginx-${name}-`));
  const path = join(own, "nginx.conf");
  writeFileSync(
    path,
    `daemon off;
${process.getuid?.() === 0 ? "user root;" : ""}
worker_processes 1;
pid ${own}/nginx.pid;
error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off;
  sendfile on;
  tcp_nodelay on;
  keepalive_timeout 300s;
  keepalive_requests 100000000;
  default_type text/plain;
  client_body_temp_path ${own}/body;
  proxy_temp_path ${own}/proxy;
  fastcgi_temp_path ${own}/fastcgi;
  uwsgi_temp_path ${own}/uwsgi;
  scgi_temp_path ${own}/scgi;
  ${http}
}
`,
  );
  return path;
}

/** Buffers of 64 KiB, no temporary files, connections kept alive. */
const PROXYING = `
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffer_size 64k;
      proxy_buffers 8 64k;
      proxy_busy_buffers_size 128k;
      proxy_max_temp_file_size 0;`;

function upstream(originPort: number): string {
  return `upstream origin { server 127.0.0.1:${originPort}; keepalive 256; keepalive_requests 100000000; }`;
}

/**
 * The http block of a reverse proxy with buffers of 64 KiB, no temporary files and connections kept alive.
 *
 * @param port Where it listens.
 * @param originPort Where it forwards to.
 * @param location More directives for its location.
 * @returns The directives.
 */
export function nginxProxy(port: number, originPort: number, location: string): string {
  return `
  ${upstream(originPort)}
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://origin;${PROXYING}
      ${location}
    }
  }`;
}

/** What an nginx that decodes and codes again is told. */
export interface CodingPlan {
  /** The path of the socket between its two hops. */
  readonly socket: string;
  /** What it does with the decoded body. */
  readonly inner: string;
  /** The level of gzip. */
  readonly level: number;
}

/**
 * The http block of a reverse proxy that decodes gzip, does something with the body, and codes it again. It
 * takes two hops, as nginx decodes only for a client that doesn't take gzip.
 *
 * @param port Where it listens.
 * @param originPort Where it forwards to.
 * @param plan The rest.
 * @returns The directives.
 */
export function nginxCodingProxy(port: number, originPort: number, plan: CodingPlan): string {
  return `
  ${upstream(originPort)}
  upstream inner { server unix:${plan.socket}; keepalive 256; }
  server {
    listen unix:${plan.socket};
    location / {
      proxy_pass http://origin;${PROXYING}
      gunzip on;
      gunzip_buffers 8 64k;
      ${plan.inner}
    }
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://inner;${PROXYING}
      proxy_set_header Accept-Encoding "";
      gzip on;
      gzip_comp_level ${plan.level};
      gzip_types *;
      gzip_proxied any;
      gzip_buffers 8 64k;
    }
  }`;
}
