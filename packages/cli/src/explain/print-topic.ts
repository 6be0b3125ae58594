import { errorCatalog } from '@onebuild/core';
import { lintRulePage, lintRules } from '@onebuild/dockerfile';
import type { CliContext } from '../cli-context.ts';
import { exitCodes } from '../exit-code.ts';
import type { ExplainedTopic } from './explain-topic.ts';
import { causes, renderExplanation } from './render-explanation.ts';
import { renderRule } from './render-rule.ts';

/** Prints the page of an error code or a lint rule. */
export function printTopic(
  { stdout }: Pick<CliContext, 'stdout'>,
  topic: ExplainedTopic,
  format: 'text' | 'json' = 'text',
): void {
  if (format === 'json') {
    stdout.write(`${JSON.stringify(describeTopic(topic), null, 2)}\n`);
    return;
  }
  const columns = Math.min(stdout.columns || 80, 100);
  const lines =
    topic.type === 'code' ? renderExplanation(topic.code, columns) : renderRule(topic.rule, columns);
  stdout.write(`${lines.join('\n')}\n`);
}

function describeTopic(topic: ExplainedTopic): unknown {
  if (topic.type === 'rule') {
    const { title, doc, severity, fixable = false } = lintRules[topic.rule];
    return { rule: topic.rule, title, severity, doc, fixable, page: lintRulePage(topic.rule) };
  }
  const { code } = topic;
  const { kind, title, remedy, retryable } = errorCatalog[code];
  return { code, kind, exitCode: exitCodes[kind], title, retryable, causes: causes[code], remedy };
}
