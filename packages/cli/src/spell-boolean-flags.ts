import type { Command } from 'commander';

const truths = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const lies = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

/**
 * Rewrites the forms that Go's flag parser also takes: `--push=true` becomes `--push`, `--push=false` goes, `-t=name`
 * becomes `-t name`. What follows `--`, and values of other flags, stay as they are.
 */
export function spellBooleanFlags(args: readonly string[], program: Command): string[] {
  const { booleans, valued } = collectFlags(program);
  const spelled: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '--') return [...spelled, ...args.slice(at)];
    const [, flag = '', value = ''] = /^(--?[a-zA-Z][a-z-]*)=(.*)$/s.exec(arg) ?? [];
    if (valued.has(arg)) spelled.push(arg, ...args.slice(++at, at + 1));
    else if (booleans.has(flag) && truths.has(value)) spelled.push(flag);
    else if (booleans.has(flag) && lies.has(value)) continue;
    else if (valued.has(flag) && !flag.startsWith('--')) spelled.push(flag, value);
    else spelled.push(arg);
  }
  return spelled;
}

function collectFlags(program: Command): { booleans: Set<string>; valued: Set<string> } {
  const booleans = new Set<string>();
  const valued = new Set<string>();
  const visit = (command: Command): void => {
    for (const option of command.options) {
      const set = option.required || option.optional ? valued : booleans;
      for (const flag of [option.long, option.short]) if (flag) set.add(flag);
    }
    for (const child of command.commands) visit(child);
  };
  visit(program);
  return { booleans, valued };
}
