import { type CompletionFlag, type CompletionNode, listNodes } from './completion-tree.ts';
import { quoteShell } from './quote-shell.ts';

/** A completion script for bash 4 and newer; it needs nothing else. */
export function renderBash(tree: CompletionNode): string {
  const nodes = listNodes(tree);
  return `# bash completion of onebuild: source <(onebuild completion bash)
_onebuild() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path= word i
  [[ $cur == = ]] && cur=
  [[ $prev == = ]] && prev=\${COMP_WORDS[COMP_CWORD-2]}
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${path:+$path }\${COMP_WORDS[i]}"
    case $word in
${nodes
  .filter((node) => node.path.length > 0)
  .map((node) => `      ${quoteShell(node.path.join(' '))}) path=$word ;;\n`)
  .join('')}    esac
  done
  local words= values=
  case $path in
${nodes.map(nodeCase).join('')}  esac
  if [[ $values == @files ]]; then
    compopt -o default 2>/dev/null
    COMPREPLY=()
  elif [[ $values == @nothing ]]; then
    COMPREPLY=()
  elif [[ -n $values ]]; then
    [[ $values == *type=* ]] && compopt -o nospace 2>/dev/null
    COMPREPLY=($(compgen -W "$values" -- "$cur"))
  elif [[ $cur == -* || $path != build ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
  else
    compopt -o default 2>/dev/null
    COMPREPLY=()
  fi
}
complete -F _onebuild onebuild
`;
}

function nodeCase(node: CompletionNode): string {
  const words = [
    ...node.children.map((child) => child.path.at(-1) ?? ''),
    ...node.values,
    ...node.flags.map((flag) => flag.long),
  ];
  const valued = node.flags.filter((flag) => flag.takesValue);
  const cases = valued.map((flag) => `        ${spellings(flag)}) values=${values(flag)} ;;\n`).join('');
  const inner = cases === '' ? '' : `      case $prev in\n${cases}      esac\n`;
  return `    ${quoteShell(node.path.join(' '))})\n      words=${quoteShell(words.join(' '))}\n${inner}      ;;\n`;
}

function spellings({ long, short }: CompletionFlag): string {
  return short === undefined ? long : `${short} | ${long}`;
}

function values(flag: CompletionFlag): string {
  if (flag.values.length > 0) return quoteShell(flag.values.join(' '));
  return flag.takesFile ? '@files' : '@nothing';
}
