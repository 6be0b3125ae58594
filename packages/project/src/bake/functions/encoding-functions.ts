import { createHash } from 'node:crypto';
import { spend } from '../hcl/budget.ts';
import { encodeJson, fromJson } from '../hcl/hcl-value.ts';
import { FunctionError } from '../hcl/scope.ts';
import { define, type FunctionDefinition } from './arguments.ts';

export const encodingFunctions: Readonly<Record<string, FunctionDefinition>> = {
  base64encode: define(1, ({ text }) => Buffer.from(text(0)).toString('base64')),
  base64decode: define(1, ({ text }) => {
    const bytes = Buffer.from(text(0), 'base64');
    if (bytes.toString('base64') !== text(0)) throw new FunctionError('the text is not base64');
    return bytes.toString();
  }),
  jsonencode: define(1, ({ value, budget }) => {
    const json = encodeJson(value(0));
    spend(budget, json.length);
    return json;
  }),
  jsondecode: define(1, ({ text, budget }) => {
    spend(budget, text(0).length);
    try {
      return fromJson(JSON.parse(text(0)));
    } catch {
      throw new FunctionError('the text is not JSON');
    }
  }),
  urlencode: define(1, ({ text }) =>
    encodeURIComponent(text(0).toWellFormed())
      .replace(/%20/g, '+')
      .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`),
  ),
  md5: define(1, ({ text }) => hash('md5', text(0))),
  sha1: define(1, ({ text }) => hash('sha1', text(0))),
  sha256: define(1, ({ text }) => hash('sha256', text(0))),
  sha512: define(1, ({ text }) => hash('sha512', text(0))),
};

function hash(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest('hex');
}
