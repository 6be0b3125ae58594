import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { requireProgram } from '@onebuild/testkit';
import { createPlanView } from './plan-view.ts';
import { renderDot } from './render-dot.ts';
import { renderMermaid } from './render-mermaid.ts';
import { alikePlan, samplePlan, variantsPlan } from './sample-plan.fixture.ts';

const hostileName = 'RUN echo "\\N ]; } end" && <b>`x`</b> | {a} "quoted\\" \u0000 #quot; %% c';
const hostile = samplePlan(
  [{ kind: 'exec', name: hostileName, stage: 'a"];', status: 'run', why: 'it ends with \\' }],
  [{ target: 'end"]\n  x --> y', platform: 'linux/amd64', step: 0 }],
);

describe('a plan as a graph', () => {
  it('has a node for each drawn step, a frame for each chain, an edge for each need', () => {
    const dot = renderDot(createPlanView(variantsPlan()));
    assert.equal(dot.filter((line) => line.includes('subgraph')).length, 5);
    assert.equal(dot.filter((line) => /^ {4}s\d+ \[/.test(line)).length, 10);
    assert.ok(dot.includes('  s3 -> s6;') && dot.includes('  s5 -> s6;') && dot.includes('  s4 -> s5;'));
    assert.match(
      dot.join('\n'),
      /s2 \[label="2 COPY src \.\\nrun: file src\/a changed", fillcolor="#fce5cd"\];/,
    );
    const mermaid = renderMermaid(createPlanView(variantsPlan()));
    assert.ok(mermaid.includes('    s2["2 COPY src .<br/>file src/a changed"]:::run'));
    assert.ok(mermaid.includes('  s3 --> s6'));
    const edges = (lines: readonly string[], arrow: string) =>
      lines.filter((line) => line.includes(arrow)).length;
    assert.equal(edges(mermaid, ' --> '), edges(dot, ' -> '));
  });

  it('stays small for a hundred boxes', () => {
    const view = createPlanView(alikePlan(100));
    assert.ok(renderDot(view).length < 25);
    assert.ok(renderMermaid(view).length < 25);
  });

  it('lets no name out of its label', () => {
    const [dot, mermaid] = [renderDot(createPlanView(hostile)), renderMermaid(createPlanView(hostile))];
    assert.equal(dot.filter((line) => /^ {4}s\d/.test(line)).length, 1);
    for (const line of dot.filter((text) => text.includes('label='))) {
      assert.match(line, /label="(?:[^"\\]|\\.)*"(?:\];|;|, fillcolor="#\w{6}"\];)$/);
    }
    for (const line of mermaid.filter((text) => text.includes('["'))) {
      assert.match(line, /^ +(?:subgraph )?\w+\["(?:[\p{L}\p{N} .,/_=-]|#\d+;|<br\/>)*"\](?::::run)?$/u);
    }
    assert.equal(mermaid.filter((line) => line.includes('-->')).length, 0);
  });

  it('is read by Graphviz', (t) => {
    if (!requireProgram(t, 'dot', 'apt-get install graphviz')) return;
    for (const plan of [hostile, variantsPlan(), alikePlan(20)]) {
      const input = renderDot(createPlanView(plan)).join('\n');
      const { status, stdout, stderr } = spawnSync('dot', ['-Tplain'], { input, encoding: 'utf8' });
      assert.deepEqual([status, stderr], [0, '']);
      assert.ok(stdout.includes('\nnode s1 '));
    }
    const input = renderDot(createPlanView(hostile)).join('\n');
    const { stdout } = spawnSync('dot', ['-Tjson0'], { input, encoding: 'utf8' });
    const { objects } = JSON.parse(stdout) as { objects: { name: string; label?: string }[] };
    assert.deepEqual(
      objects.map(({ name }) => name),
      ['cluster_0', 's1'],
    );
  });
});
