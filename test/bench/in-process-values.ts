// Measures the transforms in this process and prints the values as JSON: run by in-process.ts on each runtime.

import { benchTransforms } from "./transforms.ts";

console.log(JSON.stringify(await benchTransforms()));
