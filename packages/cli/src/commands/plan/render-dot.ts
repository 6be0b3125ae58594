import { graphEdges } from './graph-edges.ts';
import { oneLine } from './name-boxes.ts';
import type { PlanView } from './plan-view.ts';
import { blockTitle, reasonOf } from './render-tree.ts';

/** Characters of a label's line. */
const longestLine = 80;
const colours = { cached: '#d9ead3', run: '#fce5cd', open: '#fff2cc' } as const;

/** A plan in the language of Graphviz: a node for each step, a frame for each chain. */
export function renderDot(view: PlanView): string[] {
  return [
    'digraph plan {',
    '  rankdir=TB;',
    '  node [shape=box, style="filled,rounded", fontname="Helvetica", fontsize=10];',
    '  graph [fontname="Helvetica", fontsize=11];',
    ...view.blocks.flatMap((block, index) => [
      `  subgraph cluster_${index} {`,
      `    label=${quote([blockTitle(view, block)])};`,
      ...block.steps.map((step, at) => {
        const number = view.numbers.get(step.id) ?? 0;
        const count = new Set(block.alike.map(({ steps }) => steps[at]?.id)).size;
        const lines = [
          `${number} ${count > 1 ? `${count}x ` : ''}${oneLine(step.name)}`,
          [step.status, reasonOf(view, block, { step, at })].filter((part) => part !== '').join(': '),
        ];
        return `    s${number} [label=${quote(lines)}, fillcolor="${colours[step.status]}"];`;
      }),
      '  }',
    ]),
    ...graphEdges(view).map(([from, to]) => `  s${from} -> s${to};`),
    '}',
  ];
}

/**
 * A quoted string of the DOT language, lines with a break between them. In labels a backslash begins an escape, and `&` an entity of
 * HTML (https://graphviz.org/doc/info/lang.html).
 */
function quote(lines: readonly string[]): string {
  const escaped = lines.map((line) =>
    oneLine(line)
      .slice(0, longestLine)
      .toWellFormed()
      .replaceAll('&', '&amp;')
      .replaceAll('\\', '\\\\')
      .replaceAll('"', '\\"'),
  );
  return `"${escaped.join('\\n')}"`;
}
