// Prints the certificates that programs of Node.js trust on this machine: list-certificates.ts [NPM-CAFILE]

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';

const [, , file = ''] = process.argv;
const own = file === '' ? [] : readFileSync(file, 'utf8').match(/-----BEGIN[^]*?-----END.*/g);
// Those of NODE_EXTRA_CA_CERTS are among them; often it names what Node.js has anyway, and a secret has a most size.
const all = [...getCACertificates('default'), ...(own ?? [])];
const each = new Map(all.map((text) => [new X509Certificate(text).fingerprint256, text.trim()]));
process.stdout.write(`${[...each.values()].join('\n')}\n`);
