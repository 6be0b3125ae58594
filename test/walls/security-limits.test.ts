import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { largest as largestDockerfile } from '../../packages/dockerfile/src/decode-text.ts';
import { longestLine as longestDockerfileLine } from '../../packages/dockerfile/src/lexer/line-cursor.ts';
import { deepestNesting, longestResult } from '../../packages/dockerfile/src/shell/word-state.ts';
import { longestPath, mostLayerSteps } from '../../packages/engine/src/frontend/stage-limits.ts';
import { unpackLimit, unpackRatio } from '../../packages/engine/src/layer/decompress/decompress-stream.ts';
import { mostZstdFrames } from '../../packages/engine/src/layer/decompress/unzstd-stream.ts';
import { longestLine } from '../../packages/engine/src/operations/output-lines.ts';
import { mostBytes as largestSecret } from '../../packages/engine/src/operations/read-secret.ts';
import { capabilitiesFor } from '../../packages/engine/src/sandbox/capabilities.ts';
import { maxLayers } from '../../packages/engine/src/sandbox/overlay-root.ts';
import { defaultLimit as largestFile } from '../../packages/engine/src/source/http-source.ts';
import { mostRedirects } from '../../packages/engine/src/source/request-source.ts';
import { defaultTarLimits } from '../../packages/oci/src/index.ts';
import { longestText } from '../../packages/oci/src/reference.ts';
import { largestConfig, largestManifest } from '../../packages/oci/src/schema.ts';

const page = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');

const count = (value: number) => value.toLocaleString('en-US');
const bytes = (value: number) =>
  value >= 2 ** 30
    ? `${value / 2 ** 30} GiB`
    : value >= 2 ** 20
      ? `${value / 2 ** 20} MiB`
      : `${value / 1024} KiB`;

test('the limits of the page are those of the code', () => {
  const rows: Readonly<Record<string, string>> = {
    'members of an archive': `${count(defaultTarLimits.maxMembers)};`,
    'one extended header of an archive': bytes(defaultTarLimits.maxHeaderBytes),
    'records of an extended header': count(defaultTarLimits.maxPaxRecords),
    'a name or link in an archive': `${count(defaultTarLimits.maxPathBytes)} bytes`,
    'all names of an archive together': bytes(defaultTarLimits.maxTotalText),
    'what a compressed archive or layer unpacks to': `${bytes(unpackLimit)}, or ${unpackRatio} times`,
    'frames of a zstd stream': count(mostZstdFrames),
    'manifest, index': bytes(largestManifest),
    'image config': bytes(largestConfig),
    'image reference': `${count(longestText)} characters`,
    Dockerfile: bytes(largestDockerfile),
    'one line of a Dockerfile': `${count(longestDockerfileLine)} bytes`,
    'what one expansion of variables gives': `${count(longestResult)} characters`,
    'variables in defaults of variables': `${deepestNesting} levels`,
    'a destination of COPY, ADD or WORKDIR': `${count(longestPath)} bytes`,
    'steps of a stage that change files, with those of the stages below': count(mostLayerSteps),
    'layers below a RUN': count(maxLayers),
    'file fetched by ADD or as a context': bytes(largestFile),
    'redirects of such a file': String(mostRedirects),
    'a secret from a file': bytes(largestSecret),
    "a line of a step's output": `${count(longestLine)} characters`,
  };
  for (const [what, limit] of Object.entries(rows))
    assert.ok(page.includes(`\n| ${what} | ${limit}`), `${what}: ${limit}`);
});

test('the capabilities of the page are those of the code', () => {
  const [, list = ''] = /Docker's (?:\d+): ([A-Z_ ]+) \|/.exec(page) ?? [];
  const named = new Set(list.split(' ').map((name) => `CAP_${name}`));
  assert.equal(named.size, 14);
  for (const name of capabilitiesFor('sandbox')) assert.ok(named.has(name), name);
});
