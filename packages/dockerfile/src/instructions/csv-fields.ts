import { invalid } from './request.ts';

/**
 * The fields of one line of comma-separated values (RFC 4180): a field that begins with `"` may hold commas, `""` is a quote in it.
 * @throws DOCKERFILE_INSTRUCTION
 */
export function splitCsv(line: string): readonly string[] {
  const fields: string[] = [];
  let position = 0;
  for (;;) {
    const quoted = line[position] === '"';
    const field = quoted ? readQuoted(line, position) : readBare(line, position);
    fields.push(field.value);
    position = field.end;
    if (position >= line.length) return fields;
    if (line[position] !== ',') throw invalid(`${JSON.stringify(line)}: a comma must follow a closing quote`);
    position++;
  }
}

interface Field {
  readonly value: string;
  /** Of the comma behind it, or the line's length. */
  readonly end: number;
}

function readBare(line: string, start: number): Field {
  const comma = line.indexOf(',', start);
  const end = comma === -1 ? line.length : comma;
  const value = line.slice(start, end);
  if (value.includes('"'))
    throw invalid(`${JSON.stringify(line)}: a quote must stand at the start of a field`);
  return { value, end };
}

function readQuoted(line: string, start: number): Field {
  const pieces: string[] = [];
  let position = start + 1;
  for (;;) {
    const quote = line.indexOf('"', position);
    if (quote === -1) throw invalid(`${JSON.stringify(line)}: a quote is not closed`);
    pieces.push(line.slice(position, quote));
    if (line[quote + 1] !== '"') return { value: pieces.join('"'), end: quote + 1 };
    position = quote + 2;
  }
}
