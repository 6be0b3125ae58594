import type { Dockerfile } from '../dockerfile.ts';
import type { Instruction, InstructionBase } from '../instructions/instruction.ts';
import type { Report } from './lint-dockerfile.ts';

/** What a secret looks like whatever its name is. Every form begins with fixed letters: there is nothing to guess. */
const shapes: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/, 'a private key'],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/, 'an AWS access key'],
  [/\bgh[pousr]_[A-Za-z0-9]{36}/, 'a GitHub token'],
  [/\bgithub_pat_[A-Za-z0-9_]{50}/, 'a GitHub token'],
  [/\bglpat-[A-Za-z0-9_-]{20}/, 'a GitLab token'],
  [/\bxox[abprs]-[A-Za-z0-9-]{10}/, 'a Slack token'],
  [/\bsk_live_[A-Za-z0-9]{16}/, 'a Stripe key'],
  [/\bAIza[A-Za-z0-9_-]{35}/, 'a Google API key'],
  [/\bnpm_[A-Za-z0-9]{36}/, 'an npm token'],
  [/\beyJ[A-Za-z0-9_-]{10,1000}\.eyJ[A-Za-z0-9_-]{10}/, 'a JSON web token'],
  [
    /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/$'"{}<>*]{1,200}:[^\s@/$'"{}<>*]{3,200}@[\w.[-]/,
    'an address with a password',
  ],
];

/** The value itself is never told. */
export function checkValues(dockerfile: Dockerfile, report: Report): void {
  for (const arg of dockerfile.metaArgs)
    check(
      arg,
      arg.args.map(({ value = '' }) => value),
      report,
    );
  for (const instruction of dockerfile.stages.flatMap(({ instructions }) => instructions)) {
    check(instruction, textsOf(instruction), report);
  }
}

function check(instruction: InstructionBase, texts: readonly string[], report: Report): void {
  const hit = shapes.find(([shape]) => texts.some((text) => shape.test(text)));
  if (hit !== undefined)
    report('SecretValue', `There is ${hit[1]} in the text, and the image keeps it`, instruction);
}

function textsOf(instruction: Instruction): readonly string[] {
  switch (instruction.kind) {
    case 'ARG':
      return instruction.args.map(({ value = '' }) => value);
    case 'ENV':
      return instruction.variables.map(({ value }) => value);
    case 'LABEL':
      return instruction.labels.map(({ value }) => value);
    case 'RUN': {
      const { command, heredocs } = instruction;
      const lines = command.form === 'shell' ? [command.line] : command.args;
      return [...lines, ...heredocs.map(({ content }) => content)];
    }
    default:
      return [];
  }
}
