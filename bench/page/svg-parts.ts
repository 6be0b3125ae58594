const style = `
    text { fill: #1f2933; }
    .small { font-size: 12px; fill: #52606d; }
    .bar { fill: #3f8f5f; }
    .missed { fill: #b9812f; }
    .plain { fill: #4a6fa5; }
    .target { stroke: #1f2933; stroke-width: 2; }
    .spread { stroke: #52606d; stroke-width: 1.5; }
    .axis { stroke: #9aa5b1; stroke-width: 1; fill: none; }
    .line { stroke: #4a6fa5; stroke-width: 2; fill: none; }
    .dot { fill: #4a6fa5; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e4e7eb; }
      .small { fill: #9aa5b1; }
      .bar { fill: #6cc08f; }
      .missed { fill: #dcae6a; }
      .plain, .dot { fill: #7fa3d9; }
      .target { stroke: #e4e7eb; }
      .spread { stroke: #c3cad2; }
      .axis { stroke: #52606d; }
      .line { stroke: #7fa3d9; }
    }
  `;

/** A picture of 880 units' width that obeys the reader's light or dark theme. */
export function drawing(title: string, height: number, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 880 ${height}" font-family="system-ui, sans-serif" font-size="14" role="img" aria-labelledby="title">
  <title id="title">${title}</title>
  <style>${style}</style>
${parts.map((part) => `  ${part}`).join('\n')}
</svg>
`;
}

export function text(
  x: number,
  y: number,
  content: string,
  { class: kind, anchor }: { readonly class?: string; readonly anchor?: string } = {},
): string {
  const attributes = `${kind ? ` class="${kind}"` : ''}${anchor ? ` text-anchor="${anchor}"` : ''}`;
  return `<text x="${round(x)}" y="${round(y)}"${attributes}>${content}</text>`;
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
