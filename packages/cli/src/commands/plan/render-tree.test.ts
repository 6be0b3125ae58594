import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BuildPlan } from '@onebuild/engine';
import { createPalette } from '../../display/palette.ts';
import { textWidth } from '../../display/text-width.ts';
import { createPlanView } from './plan-view.ts';
import { renderTree } from './render-tree.ts';
import { alikePlan, samplePlan, variantsPlan } from './sample-plan.fixture.ts';

function render(plan: BuildPlan, columns = 120): string[] {
  return renderTree(createPlanView(plan), { palette: createPalette(false), columns });
}

describe('a plan as a tree', () => {
  it('shows each step of variants and platforms once, in an order in which they could run', () => {
    assert.deepEqual(render(variantsPlan()), [
      'stage builder, shared by all 6 boxes',
      '├─ ✓  1 FROM golang:1.22@sha256:0123456789ab',
      '├─ ●  2 COPY src . - file src/a changed',
      '└─ ○  3 RUN make - after 2; about 42.1s',
      '',
      'base (2 alike), shared by all 6 boxes',
      '└─ ✓  4 2x FROM debian:12@sha256:abcdefabcdef',
      '',
      'helper.standard (linux/amd64, linux/arm64)',
      '│  on top of 4',
      '├─ ✓  5 2x COPY standard /etc/',
      '└─ ○  6 2x COPY --from=builder /out /usr/bin/app - after 3',
      '',
      'helper.kylinv10 (linux/amd64, linux/arm64)',
      '│  on top of 4',
      '├─ ✓  7 2x COPY kylinv10 /etc/',
      '└─ ○  8 2x COPY --from=builder /out /usr/bin/app - after 3',
      '',
      'helper.oel22 (linux/amd64, linux/arm64)',
      '│  on top of 4',
      '├─ ✓  9 2x COPY oel22 /etc/',
      '└─ ○ 10 2x COPY --from=builder /out /usr/bin/app - after 3',
      '',
      '✓ cached  ● runs  ○ runs, unless what it stands on comes out as before',
      '17 steps for 6 boxes: 9 cached, 8 to run; 5 shared by several boxes',
      'about 42.1s of work, as it took last time',
    ]);
  });

  it('draws a hundred boxes of one shape once, and counts them all', () => {
    assert.deepEqual(render(alikePlan(100)), [
      'stage builder, shared by all 100 boxes',
      '├─ ✓ 1 FROM golang:1.22',
      '└─ ● 2 RUN make - asked to run anew',
      '',
      'helper.v001 ... helper.v100 (100 boxes, linux/amd64)',
      '├─ ✓ 3 100x FROM base:v001',
      '└─ ○ 4 100x COPY --from=builder /out / - after 2',
      '',
      '✓ cached  ● runs  ○ runs, unless what it stands on comes out as before',
      '202 steps for 100 boxes: 101 cached, 101 to run; 2 shared by several boxes',
    ]);
    assert.equal(render(alikePlan(8)).filter((line) => line.startsWith('helper.')).length, 8);
  });

  it('keeps to the columns, whatever names hold', () => {
    const plan = samplePlan(
      [
        { kind: 'image', name: `FROM ${'x'.repeat(300)}`, stage: 'a' },
        {
          kind: 'exec',
          name: `RUN echo \u001b[2J\u202e "${'漢字'.repeat(200)}"\n\tnext`,
          stage: 'a',
          inputs: [0],
          status: 'run',
          why: `file ${'long/'.repeat(50)} changed`,
        },
      ],
      [{ target: '\u001b]0;title\u0007evil\nname', platform: 'linux/amd64', step: 1 }],
    );
    const lines = render(plan, 60);
    for (const line of lines.slice(0, -2)) assert.ok(textWidth(line) <= 60, line);
    assert.equal(lines[0], 'evil name (linux/amd64)');
    assert.doesNotMatch(lines.join(''), /[\u0000-\u001f\u202e]/);
    assert.match(lines[2] ?? '', /RUN echo .* - file long\//);
  });

  it('draws a stage that is used in several ways before those who use it', () => {
    const plan = samplePlan(
      [
        { kind: 'image', name: 'FROM base', stage: 'stage-1' },
        { kind: 'copy', name: 'COPY own /', stage: 'stage-1', inputs: [0] },
        { kind: 'exec', name: 'RUN make', stage: 'builder', inputs: [0], status: 'run', why: 'x' },
        { kind: 'copy', name: 'COPY --from=builder / /', stage: 'stage-1', inputs: [1, 2], status: 'open' },
      ],
      [{ target: '', platform: 'linux/amd64', step: 3 }],
    );
    assert.deepEqual(render(plan).slice(0, -2), [
      'base',
      '└─ ✓ 1 FROM base',
      '',
      'stage builder',
      '│  on top of 1',
      '└─ ● 2 RUN make - x',
      '',
      'image (linux/amd64)',
      '│  on top of 1',
      '├─ ✓ 3 COPY own /',
      '└─ ○ 4 COPY --from=builder / / - after 2',
      '',
    ]);
  });

  it('stays bounded for a thousand stages that stand on each other', () => {
    const plan = samplePlan(
      Array.from({ length: 3000 }, (_, at) => ({
        kind: 'copy',
        name: `COPY --from=s${at} ${at} /`,
        stage: `s${at}`,
        inputs: at === 0 ? [] : [0, at - 1],
        status: 'open' as const,
      })),
      [{ target: 'deep', platform: 'linux/amd64', step: 2999 }],
    );
    const lines = render(plan);
    assert.ok(lines.length < 2010);
    assert.match(lines.at(-4) ?? '', /^\.\.\. \d+ more lines; --format json has everything$/);
  });
});
