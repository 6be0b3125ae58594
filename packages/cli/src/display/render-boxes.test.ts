import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BoxReport, BuiltImage, Digest } from '@onebuild/core';
import { createPalette } from './palette.ts';
import { renderBoxes, renderNames } from './render-boxes.ts';

const palette = createPalette(false);
const digestOf = (letters: string): Digest => `sha256:${letters.repeat(32)}` as Digest;
const box = (target: string | undefined, platform: string, more: Partial<BoxReport> = {}): BoxReport => ({
  ...(target !== undefined && { target }),
  platform,
  digest: digestOf('ab'),
  size: 1_500_000,
  sentBytes: 0,
  ms: 1000,
  ...more,
});

test('a row for each box, totals, and what sharing saved', () => {
  const boxes = [
    box('helper.standard', 'linux/amd64', { sentBytes: 1_500_000, ms: 9000 }),
    box('helper.standard', 'linux/arm64'),
    box('helper.kylinv10', 'linux/amd64', { digest: digestOf('cd'), sentBytes: 2100 }),
  ];
  assert.deepEqual(renderBoxes({ boxes, separateMs: 27_000, ms: 9500 }, palette), [
    'TARGET           PLATFORM     DIGEST               SIZE    SENT    TIME',
    'helper.standard  linux/amd64  sha256:abababababab  1.5 MB  1.5 MB  9.0s',
    '                 linux/arm64  sha256:abababababab  1.5 MB  0 B     1.0s',
    'helper.kylinv10  linux/amd64  sha256:cdcdcdcdcdcd  1.5 MB  2.1 kB  1.0s',
    '3 images                                           4.5 MB  1.5 MB  9.5s',
    'Saved   17.5s by sharing: built one by one, the steps would have taken 27.0s',
  ]);
});

test('platforms of one Dockerfile have no target, one image has no table', () => {
  const { digest: _digest, ...files } = box(undefined, 'linux/arm64');
  assert.deepEqual(
    renderBoxes({ boxes: [box(undefined, 'linux/amd64'), files], separateMs: 9, ms: 9 }, palette),
    [
      'PLATFORM     DIGEST               SIZE    SENT  TIME',
      'linux/amd64  sha256:abababababab  1.5 MB  0 B   1.0s',
      'linux/arm64  -                    1.5 MB  0 B   1.0s',
      '2 images                          3.0 MB  0 B   0.0s',
    ],
  );
  assert.deepEqual(renderBoxes({ boxes: [box('a', 'linux/amd64')], separateMs: 9, ms: 9 }, palette), []);
});

test('names, and where images without a name went', () => {
  const image = (target: string, names: string[], outputs: string[]): BuiltImage => ({
    target,
    digest: digestOf('ab'),
    mediaType: 'm',
    platforms: [],
    size: 1,
    names,
    outputs,
    sentBytes: 0,
    reusedBytes: 0,
  });
  const digest = digestOf('ab');
  const pushed = image('a', ['r/a:1', 's/a:1'], ['push']);
  assert.deepEqual(renderNames([pushed, image('b', [], ['oci:b.tar'])], palette), [
    `NAME   ${'DIGEST'.padEnd(digest.length)}  OUTPUT`,
    `r/a:1  ${digest}  push`,
    `s/a:1  ${digest}  push`,
    `b      ${digest}  oci:b.tar`,
  ]);
  assert.deepEqual(renderNames([pushed], palette, 60), [
    'NAME   DIGEST',
    'r/a:1  sha256:abababababab',
    's/a:1  sha256:abababababab',
    'Output  push',
  ]);
  const kept = renderNames([image('a', ['r/a:1'], ['store'])], palette).join('\n');
  assert.match(kept, /^NAME.*\na {5}.*\nOutput {2}kept in the store/s);
});
