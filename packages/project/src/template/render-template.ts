import { suggest } from '@onebuild/core';
import { faultAt, type TextFile } from '../text-file.ts';

/** `{{ name }}`, what else begins with two braces, and two braces that are meant as they are. */
const places = /(\\)?\{\{(?:[ \t]*([A-Za-z_][\w.-]{0,127})[ \t]*\}\})?/g;

/**
 * A Dockerfile with a parameter's value for each `{{ name }}`. `\{{` stands for two braces. Values are put in as they are,
 * once: what looks like a parameter in a value is none.
 * @throws TEMPLATE_PARAMETER for names that `parameters` doesn't have, and for braces that hold no name
 */
export function renderTemplate(file: TextFile, parameters: Readonly<Record<string, string>>): string {
  const pieces: string[] = [];
  let copied = 0;
  for (const match of file.text.matchAll(places)) {
    const [written, escape, name] = match;
    pieces.push(file.text.slice(copied, match.index));
    copied = match.index + written.length;
    if (escape !== undefined) pieces.push(written.slice(1));
    else pieces.push(valueOf(file, parameters, { name, start: match.index, end: copied }));
  }
  return pieces.join('') + file.text.slice(copied);
}

function valueOf(
  file: TextFile,
  parameters: Readonly<Record<string, string>>,
  { name, start, end }: { readonly name: string | undefined; readonly start: number; readonly end: number },
): string {
  const code = 'TEMPLATE_PARAMETER';
  if (name === undefined) {
    const message = 'two braces that hold no parameter';
    throw faultAt(
      file,
      { start, end },
      { code, message, hint: 'Write {{ name }}, or \\{{ for the braces themselves.' },
    );
  }
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  if (value !== undefined) return value;
  const known = Object.keys(parameters);
  const meant = suggest(name, known);
  throw faultAt(
    file,
    { start, end },
    {
      code,
      message: `there is no parameter ${name}${meant === undefined ? '' : `, did you mean ${meant}?`}`,
      hint:
        known.length === 0
          ? 'Write it under `template:`.'
          : `Parameters are ${known.slice(0, 12).join(', ')}.`,
    },
  );
}
