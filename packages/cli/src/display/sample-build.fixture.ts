import type { BuildEvent, BuildFact, Digest, StepId } from '@onebuild/core';

/** Events of a small build, for tests of displays: one step cached, one with output, two at the same time, a push. */
export function sampleBuild(end: 'ok' | 'failed' = 'ok'): BuildEvent[] {
  const step = (id: string): StepId => id as StepId;
  const at = (time: number, fact: BuildFact): BuildEvent => ({ time: 1_700_000_000_000 + time, ...fact });
  const digest = `sha256:${'ab'.repeat(32)}` as Digest;
  const common: BuildEvent[] = [
    at(0, { type: 'build.started', version: '1.2.3' }),
    at(1, { type: 'build.planned', total: 4 }),
    at(2, { type: 'step.started', step: step('a'), name: 'load context' }),
    at(40, { type: 'step.progress', step: step('a'), label: 'hash', current: 12, total: 12, unit: 'files' }),
    at(50, { type: 'step.finished', step: step('a'), status: 'done', ms: 48, note: '12 files' }),
    at(51, {
      type: 'step.started',
      step: step('b'),
      name: 'FROM debian:12',
      stage: 'builder',
      position: [1, 3],
    }),
    at(52, { type: 'step.finished', step: step('b'), status: 'cached', ms: 1 }),
    at(60, { type: 'step.started', step: step('c'), name: 'RUN make', stage: 'builder', position: [2, 3] }),
    at(60, { type: 'sandbox.chosen', isolation: 'crun (root)' }),
    at(61, { type: 'step.started', step: step('d'), name: 'FROM slim:1', position: [1, 2] }),
    at(500, { type: 'step.output', step: step('c'), stream: 'stdout', text: 'cc -c a.c\ncc -c ' }),
    at(600, {
      type: 'step.progress',
      step: step('d'),
      label: 'pull sha256:0123',
      current: 1_500_000,
      total: 6_000_000,
      unit: 'bytes',
    }),
    at(900, { type: 'step.output', step: step('c'), stream: 'stdout', text: 'b.c\n' }),
    at(950, {
      type: 'step.output',
      step: step('c'),
      stream: 'stderr',
      text: 'b.c: warning: \u001b]0;title\u0007\u001b[31mred\u001b[0m \u001b[2Jgone\n',
    }),
    at(960, {
      type: 'warning',
      rule: 'StageNameCasing',
      message: 'Stage name should be lower case',
      location: { file: 'Dockerfile', line: 1 },
    }),
    at(1000, {
      type: 'step.progress',
      step: step('d'),
      label: 'pull sha256:0123',
      current: 6_000_000,
      total: 6_000_000,
      unit: 'bytes',
    }),
    at(1100, { type: 'step.finished', step: step('d'), status: 'done', ms: 1039 }),
    at(1200, { type: 'step.output', step: step('c'), stream: 'stdout', text: '10%\r50%\r100%\nlast words' }),
  ];
  if (end === 'failed') {
    const details = { exitCode: 2 };
    const error = { code: 'STEP_FAILED', message: 'RUN make exited with 2', hint: '', details } as const;
    return [
      ...common,
      at(1300, { type: 'step.finished', step: step('c'), status: 'failed', ms: 1240 }),
      at(1310, { type: 'build.finished', ok: false, ms: 1310, ran: 2, cached: 1, error }),
    ];
  }
  const image = {
    digest,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    platforms: ['linux/amd64'],
    size: 12_345_678,
    names: ['registry.example.com/app:1'],
    outputs: ['push'],
    sentBytes: 345_678,
    reusedBytes: 12_000_000,
  };
  return [
    ...common,
    at(1300, { type: 'step.finished', step: step('c'), status: 'done', ms: 1240, why: 'a.c changed' }),
    at(1310, { type: 'image.built', image }),
    at(1320, { type: 'build.finished', ok: true, ms: 1320, ran: 3, cached: 1 }),
  ];
}
