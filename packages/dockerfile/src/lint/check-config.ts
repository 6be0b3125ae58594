import { fault } from '@onebuild/core';
import type { Dockerfile } from '../dockerfile.ts';
import { parseDirective } from '../lexer/directive-reader.ts';
import { placeFault } from '../place-fault.ts';
import { isDockerRule, type LintRule, type LintRuleName, lintRules } from './rules.ts';

/** Which checks run, as `# check=skip=A,B;experimental=C;error=true` says it. */
export interface CheckConfig {
  readonly skip: 'all' | ReadonlySet<string>;
  readonly experimental: 'all' | ReadonlySet<string>;
  readonly error: boolean;
}

/**
 * The configuration of a whole Dockerfile.
 * @throws DOCKERFILE_PARSE for an unknown option
 */
export function readCheckConfig(dockerfile: Dockerfile): CheckConfig {
  const { check = '' } = dockerfile.directives;
  const lines = dockerfile.text.replace(/^\uFEFF/, '').split('\n', 4);
  const index = lines.findIndex((line) => parseDirective(line.trim())?.name === 'check');
  return placeFault(dockerfile, { file: dockerfile.name, line: Math.max(0, index) + 1 }, () =>
    parseCheckConfig(check),
  );
}

export function parseCheckConfig(text: string): CheckConfig {
  let skip: CheckConfig['skip'] = new Set();
  let experimental: CheckConfig['experimental'] = new Set();
  let error = false;
  for (const part of text.trim() === '' ? [] : text.split(';')) {
    const [key = '', value] = part.split('=', 2).map((word) => word.trim());
    if (value !== undefined && key === 'skip') skip = parseNames(value);
    else if (value !== undefined && key === 'experimental') experimental = parseNames(value);
    else if (key === 'error' && /^(1|t|true|0|f|false)$/i.test(value ?? ''))
      error = /^[1t]/i.test(value ?? '');
    else {
      throw fault('DOCKERFILE_PARSE', `the check directive does not know ${JSON.stringify(part.trim())}`, {
        hint: 'Its options are skip=NAMES, experimental=NAMES and error=true, with ; between.',
      });
    }
  }
  return { skip, experimental, error };
}

/** `config` with what comments directly above an instruction add (`# check=skip=NAME`); malformed ones count for nothing. */
export function withComments(config: CheckConfig, comments: readonly string[]): CheckConfig {
  for (const comment of comments) {
    const directive = parseDirective(`#${comment}`);
    if (directive?.name !== 'check') continue;
    try {
      const own = parseCheckConfig(directive.value.split(' ', 1)[0] ?? '');
      return {
        skip: unite(config.skip, own.skip),
        experimental: unite(config.experimental, own.experimental),
        error: config.error,
      };
    } catch {
      return config;
    }
  }
  return config;
}

export function isChecked(config: CheckConfig, name: LintRuleName): boolean {
  const rule: LintRule = lintRules[name];
  if (rule.experimental === true && config.experimental !== 'all' && !config.experimental.has(name))
    return false;
  if (rule.experimental === true && isDockerRule(name)) return true;
  return config.skip !== 'all' && !config.skip.has(name);
}

function parseNames(value: string): 'all' | ReadonlySet<string> {
  return value === 'all' ? 'all' : new Set(value.split(',').map((name) => name.trim()));
}

function unite(a: 'all' | ReadonlySet<string>, b: 'all' | ReadonlySet<string>): 'all' | ReadonlySet<string> {
  return a === 'all' || b === 'all' ? 'all' : a.union(b);
}
