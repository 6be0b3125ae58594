import { type CompletionFlag, type CompletionNode, listNodes } from './completion-tree.ts';
import { quoteShell } from './quote-shell.ts';

/** Completions for fish. */
export function renderFish(tree: CompletionNode): string {
  const lines = listNodes(tree).flatMap((node) => {
    const here = condition(node);
    return [
      ...node.children.map((child) =>
        line(here, `-f -a ${quote(child.path.at(-1) ?? '')} -d ${quote(child.description)}`),
      ),
      ...(node.values.length > 0 ? [line(here, `-f -a ${quote(node.values.join(' '))}`)] : []),
      ...node.flags.map((flag) => line(here, flagWords(flag))),
    ];
  });
  return `# fish completion of onebuild: onebuild completion fish | source\n${lines.join('\n')}\n`;
}

function line(condition: string, words: string): string {
  return `complete -c onebuild -n ${quote(condition)} ${words}`;
}

function condition(node: CompletionNode): string {
  const inside = node.path.map((word) => `__fish_seen_subcommand_from ${word}`);
  const children = node.children.map((child) => child.path.at(-1) ?? '');
  if (children.length > 0) inside.push(`not __fish_seen_subcommand_from ${children.join(' ')}`);
  return inside.join('; and ');
}

function flagWords(flag: CompletionFlag): string {
  const short = flag.short === undefined ? '' : ` -s ${flag.short.slice(1)}`;
  const value = !flag.takesValue
    ? ''
    : flag.values.length > 0
      ? ` -x -a ${quote(flag.values.join(' '))}`
      : flag.takesFile
        ? ' -r'
        : ' -x';
  return `-l ${flag.long.slice(2)}${short}${value} -d ${quote(flag.description)}`;
}

function quote(text: string): string {
  return quoteShell(text.replaceAll('\\', '\\\\')).replaceAll(`'\\''`, `\\'`);
}
