import { type CompletionFlag, type CompletionNode, listNodes } from './completion-tree.ts';
import { quoteShell } from './quote-shell.ts';

/** A completion function for zsh, to be sourced or put into a folder of `$fpath` as `_onebuild`. */
export function renderZsh(tree: CompletionNode): string {
  return `#compdef onebuild
# zsh completion of onebuild: source <(onebuild completion zsh)
${listNodes(tree).map(renderFunction).join('\n')}
if [ "$funcstack[1]" = "_onebuild" ]; then
  _onebuild "$@"
else
  compdef _onebuild onebuild
fi
`;
}

function renderFunction(node: CompletionNode): string {
  const specs = node.flags.flatMap(flagSpecs);
  if (node.children.length === 0) {
    specs.push(
      node.values.length > 0 ? quoteShell(`1:value:(${node.values.join(' ')})`) : quoteShell('*:file:_files'),
    );
    return `${functionName(node)}() {\n  _arguments -s -S \\\n${indent(specs)}\n}\n`;
  }
  const commands = node.children.map((child) =>
    quoteShell(`${child.path.at(-1) ?? ''}:${escape(child.description)}`),
  );
  const cases = node.children.map((child) => `    ${child.path.at(-1) ?? ''}) ${functionName(child)} ;;`);
  return `${functionName(node)}() {
  local state line curcontext=$curcontext
  _arguments -C \\
${indent([...specs, quoteShell('1:command:->command'), quoteShell('*::argument:->argument')])}
  case $state in
  command)
    local -a commands=(
      ${commands.join('\n      ')}
    )
    _describe command commands
    ;;
  argument)
    case $line[1] in
${cases.join('\n')}
    esac
    ;;
  esac
}
`;
}

function functionName(node: CompletionNode): string {
  return ['_onebuild', ...node.path].join('_').replaceAll('-', '_');
}

function flagSpecs(flag: CompletionFlag): string[] {
  const action = flag.values.length > 0 ? `(${flag.values.join(' ')})` : flag.takesFile ? '_files' : ' ';
  const value = flag.takesValue ? `:value:${action}` : '';
  const names = [flag.long, ...(flag.short === undefined ? [] : [flag.short])];
  return names.map((name) => {
    const form = flag.takesValue && name.startsWith('--') ? `${name}=` : name;
    return quoteShell(`*${form}[${escape(flag.description)}]${value}`);
  });
}

function escape(text: string): string {
  return text.replace(/[[\]:\\]/g, '\\$&');
}

function indent(specs: readonly string[]): string {
  return specs.map((spec) => `    ${spec}`).join(' \\\n');
}
