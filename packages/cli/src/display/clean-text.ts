import { stripVTControlCharacters } from 'node:util';

const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;
const reset = '\u001b[0m';
const colour = /(\u001b\[[0-9;]{0,40}m)/;

/**
 * One line of a program's output, made safe to print: no cursor movement, no titles, no direction overrides. Of several
 * texts written over each other with carriage returns only the last is kept. `colours` lets SGR sequences through.
 */
export function cleanLine(line: string, options: { readonly colours: boolean }): string {
  const visible = lastOverwrite(line);
  if (!visible.includes('\u001b') || !options.colours) return strip(visible);
  const parts = visible.split(colour);
  const coloured = parts.length > 1;
  const text = parts.map((part, index) => (index % 2 === 1 ? part : strip(part))).join('');
  return coloured && !text.endsWith(reset) ? text + reset : text;
}

function strip(text: string): string {
  return stripVTControlCharacters(text).replace(controls, '');
}

/** Of texts written over each other with carriage returns, the one that is seen. */
export function lastOverwrite(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === '\r') end--;
  return end === 0 ? '' : line.slice(line.lastIndexOf('\r', end - 1) + 1, end);
}
