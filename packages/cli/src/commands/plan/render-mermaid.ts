import { graphEdges } from './graph-edges.ts';
import { oneLine } from './name-boxes.ts';
import type { PlanView } from './plan-view.ts';
import { blockTitle, reasonOf } from './render-tree.ts';

/** Characters of a label's line. Mermaid refuses diagrams of more than 50,000 in all. */
const longestLine = 60;

/** A plan as a flowchart of Mermaid, which code hosts draw where they find it in Markdown. */
export function renderMermaid(view: PlanView): string[] {
  return [
    'flowchart TB',
    '  classDef cached fill:#d9ead3,stroke:#6aa84f,color:#000',
    '  classDef run fill:#fce5cd,stroke:#e69138,color:#000',
    '  classDef open fill:#fff2cc,stroke:#f1c232,color:#000',
    ...view.blocks.flatMap((block, index) => [
      `  subgraph b${index}["${escapeLine(blockTitle(view, block))}"]`,
      ...block.steps.map((step, at) => {
        const number = view.numbers.get(step.id) ?? 0;
        const count = new Set(block.alike.map(({ steps }) => steps[at]?.id)).size;
        const reason = reasonOf(view, block, { step, at });
        const lines = [
          `${number} ${count > 1 ? `${count}x ` : ''}${oneLine(step.name)}`,
          ...(reason === '' ? [] : [reason]),
        ];
        return `    s${number}["${lines.map(escapeLine).join('<br/>')}"]:::${step.status}`;
      }),
      '  end',
    ]),
    ...graphEdges(view).map(([from, to]) => `  s${from} --> s${to}`),
  ];
}

/** All that may have a meaning, in Mermaid or in the HTML it makes, as the number of its character (`#60;`). */
function escapeLine(line: string): string {
  return Array.from(oneLine(line).toWellFormed())
    .slice(0, longestLine)
    .map((character) =>
      /[\p{L}\p{N} .,/_=-]/u.test(character) ? character : `#${character.codePointAt(0)};`,
    )
    .join('');
}
