/**
 * A script of one's own: fetches a page, changes it while it comes, and tells of its size and checksum.
 *
 *     node dist/examples/fetch.js http://example.com/
 */
import process from "node:process";
import { transformResponse } from "sluice";
import { crc32, hash, meter, replace } from "sluice/transforms";

const size = meter();
const response = transformResponse(await fetch(process.argv[2]!), [
  replace("foobar", "BAZ"),
  size,
  hash(crc32(), (crc) => console.error(`${size.bytes} bytes, CRC-32 ${crc.digest().toString(16)}`)),
]);
for await (const chunk of response.body ?? []) process.stdout.write(chunk);
