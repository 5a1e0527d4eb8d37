import { fileURLToPath } from "node:url";
import { writeNginxConfig } from "./nginx.ts";
import { findProgram, freePort, type Program, startProgram } from "./programs.ts";

/**
 * Starts the origin that all subjects stand in front of: nginx, or node:http where nginx is missing.
 *
 * @param folder The folder with the files to serve.
 * @param directives More directives for nginx; node:http knows none.
 * @returns The running origin.
 */
export async function startOrigin(folder: string, directives = ""): Promise<Program> {
  const nginx = findProgram("nginx");
  if (nginx === null) {
    const script = fileURLToPath(new URL("./proxies/file-origin.js", import.meta.url));
    return await startProgram({ command: process.execPath, args: [script, folder] });
  }
  const port = await freePort();
  const config = writeNginxConfig(
    folder,
    "origin",
    `server { listen 127.0.0.1:${port}; root ${folder}; ${directives} }`,
  );
  return await startProgram({ command: nginx, args: ["-p", folder, "-c", config], port });
}
