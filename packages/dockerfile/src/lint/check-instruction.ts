import { cleanPath } from '../clean-path.ts';
import type { IgnoreMatcher } from '../ignore/pattern-matcher.ts';
import type {
  AddInstruction,
  CopyInstruction,
  Instruction,
  NamedValue,
} from '../instructions/instruction.ts';
import { splitPort } from '../instructions/ports.ts';
import type { Report } from './lint-dockerfile.ts';
import type { StageState } from './stage-state.ts';

const secretName = /(?:_|^)(?:apikey|auth|credentials?|key|password|pword|passwd|secret|token)(?:_|$)/i;
const harmlessName = /(?:_|^)(?:public|file|version)(?:_|$)/i;

interface Scope {
  readonly state: StageState;
  readonly ignore: IgnoreMatcher | undefined;
}

/** Checks of one instruction, after expansion where that was possible. */
export function checkInstruction(instruction: Instruction, scope: Scope, report: Report): void {
  const { state } = scope;
  switch (instruction.kind) {
    case 'CMD':
    case 'ENTRYPOINT':
      checkOnce(instruction, state, report);
      if (instruction.command.form === 'shell' && !state.hasShell) {
        report(
          'JSONArgsRecommended',
          `${instruction.kind} should be a JSON array, so that signals arrive`,
          instruction,
        );
      }
      break;
    case 'HEALTHCHECK':
      checkOnce(instruction, state, report);
      break;
    case 'ENV':
      checkForm(instruction.variables, instruction, report);
      for (const { name } of instruction.variables) checkSecret(name, instruction, report);
      break;
    case 'LABEL':
      checkForm(instruction.labels, instruction, report);
      break;
    case 'ARG':
      for (const { name } of instruction.args) checkSecret(name, instruction, report);
      break;
    case 'WORKDIR':
      if (state.hasWorkdir || instruction.path.startsWith('/')) break;
      report(
        'WorkdirRelativePath',
        `The relative WORKDIR '${instruction.path}' depends on the base image`,
        instruction,
      );
      break;
    case 'EXPOSE':
      for (const port of instruction.ports) checkPort(port, instruction, report);
      break;
    case 'COPY':
    case 'ADD':
      checkIgnored(instruction, scope.ignore, report);
      break;
    default:
  }
}

function checkOnce(instruction: Instruction, state: StageState, report: Report): void {
  const before = state.last.get(instruction.kind);
  if (before === undefined) return;
  report(
    'MultipleInstructionsDisallowed',
    `This ${instruction.kind} has no effect, a later one replaces it`,
    before,
  );
}

function checkForm(pairs: readonly NamedValue[], instruction: Instruction, report: Report): void {
  for (const { legacy, name } of pairs) {
    if (legacy)
      report('LegacyKeyValueFormat', `Write ${instruction.kind} ${name}=value, with =`, instruction);
  }
}

function checkSecret(name: string, instruction: Instruction, report: Report): void {
  if (!secretName.test(name) || harmlessName.test(name)) return;
  report(
    'SecretsUsedInArgOrEnv',
    `${instruction.kind} '${name}' looks like a secret, which the image would keep`,
    instruction,
  );
}

function checkPort(port: string, instruction: Instruction, report: Report): void {
  const { address, hostPorts, protocol } = splitPort(port);
  if (protocol !== protocol.toLowerCase()) {
    report('ExposeProtoCasing', `The protocol of '${port}' should be lower case`, instruction);
  }
  if (address !== '' || hostPorts !== '') {
    report('ExposeInvalidFormat', `EXPOSE takes neither address nor host port: '${port}'`, instruction);
  }
}

/** Where there are exceptions nothing is said: part of an ignored folder may be there. */
function checkIgnored(
  instruction: CopyInstruction | AddInstruction,
  ignore: IgnoreMatcher | undefined,
  report: Report,
): void {
  if (ignore === undefined || ignore.hasExceptions) return;
  if (instruction.kind === 'COPY' && instruction.from !== undefined) return;
  for (const source of instruction.sources) {
    if (/^[a-z]+:\/\/|^git@/.test(source)) continue;
    const path = cleanPath(source).replace(/^\//, '');
    const isRoot = path === '.' || path === '';
    const ignored = isRoot
      ? ignore.patterns.some((pattern) => /^(\*|\*\*|\*\*\/\*)$/.test(pattern))
      : ignore.ignores(path);
    if (ignored)
      report(
        'CopyIgnoredFile',
        `${instruction.kind} of '${source}', which the ignore file leaves out`,
        instruction,
      );
  }
}
