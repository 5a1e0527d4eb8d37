/** The version of this package, as `sluice --version` prints it. */
export const version = "0.1.0";
