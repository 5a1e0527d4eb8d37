/**
 * The page that tells how to trust the certificate authority, system by system.
 */

const PEM = "sluice-ca-cert.pem";
const CER = "sluice-ca-cert.cer";
const P12 = "sluice-ca-cert.p12";

/** Where, and what to do there, as HTML. */
const STEPS: readonly (readonly [system: string, steps: readonly string[]])[] = [
  ["macOS", [
    `<code>sudo security add-trusted-cert -d -r trustRoot -p ssl -k /Library/Keychains/System.keychain ${PEM}</code>`,
    "Or open the file, add it to the System keychain, and set it to be trusted for SSL there.",
  ]],
  ["Windows", [
    `As an administrator: <code>certutil -addstore root ${CER}</code>`,
    `Or open <a href="/${P12}">${P12}</a> (it has no password), and choose Trusted Root Certification Authorities.`,
  ]],
  ["Linux", [
    "Debian, Ubuntu: " +
    `<code>sudo cp ${PEM} /usr/local/share/ca-certificates/sluice.crt && sudo update-ca-certificates</code>`,
    `Fedora: <code>sudo cp ${PEM} /etc/pki/ca-trust/source/anchors/ && sudo update-ca-trust</code>`,
    "Chromium and Chrome: " +
    `<code>certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n sluice -i ${PEM}</code>`,
  ]],
  ["iOS", [
    `Open <a href="/${PEM}">${PEM}</a> in Safari, and install the profile in Settings.`,
    "Then switch it on in Settings, General, About, Certificate Trust Settings.",
  ]],
  ["Android", [
    `Download <a href="/${CER}">${CER}</a>; Settings, Security, Encryption and credentials, Install a certificate, ` +
    "CA certificate.",
    "Browsers trust it then; other apps only if they were built to.",
  ]],
  ["Firefox", [
    "Settings, Privacy and Security, Certificates, View Certificates, Authorities, Import: choose " +
    `<a href="/${PEM}">${PEM}</a>, to identify websites.`,
  ]],
  ["curl", [`<code>curl --cacert ${PEM} https://example.com/</code>`]],
  ["Node.js, Deno", [
    `<code>NODE_EXTRA_CA_CERTS=${PEM} node script.js</code>`,
    `<code>DENO_CERT=${PEM} deno run script.ts</code>`,
  ]],
  ["Python", [`<code>SSL_CERT_FILE=${PEM} REQUESTS_CA_BUNDLE=${PEM} python script.py</code>`]],
];

/**
 * The page.
 *
 * @param fingerprint The certificate's SHA-256, as it is written for people.
 * @returns HTML.
 */
export function onboardingPage(fingerprint: string): string {
  const sections = STEPS.map(([system, steps]) =>
    `<h2>${system}</h2><ul>${steps.map((step) => `<li>${step}</li>`).join("")}</ul>`
  );
  return `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>sluice: trust this proxy</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 45rem; margin: 2rem auto; padding: 0 1rem }
code { background: #eee; padding: 0.1rem 0.3rem; overflow-wrap: anywhere }
h2 { font-size: 1.1rem }
</style>
<h1>Trust this proxy</h1>
<p>This proxy opens HTTPS connections to read and change what is in them. Your programs take that for an attack, and
are right, unless they trust its certificate authority. It was made on the machine that the proxy runs on, and its
key never leaves it. Whoever has that key can answer as any server to whoever trusts it: remove the certificate when
you no longer use the proxy.</p>
<p>Download the certificate:
<a href="/${PEM}">${PEM}</a> (most programs),
<a href="/${CER}">${CER}</a> (Windows, Android),
<a href="/${P12}">${P12}</a> (PKCS #12, without a password).</p>
<p>Its SHA-256, which the proxy tells at its start too: <code>${fingerprint}</code></p>
${sections.join("\n")}
</html>
`;
}
