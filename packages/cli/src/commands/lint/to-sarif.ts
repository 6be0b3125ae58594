import { pathToFileURL } from 'node:url';
import { type LintRuleName, lintRulePage, lintRules } from '@onebuild/dockerfile';
import type { Finding } from './finding.ts';

/** Findings as a log in the Static Analysis Results Interchange Format, SARIF 2.1.0 (OASIS). */
export function toSarif(findings: readonly Finding[], version: string): object {
  const names = [...new Set(findings.map(({ rule }) => rule))].sort();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'onebuild', version, rules: names.map(describeRule) } },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => toResult(finding, names)),
      },
    ],
  };
}

function describeRule(id: string): object {
  if (!Object.hasOwn(lintRules, id)) return { id };
  const name = id as LintRuleName;
  const { title, doc, severity } = lintRules[name];
  return {
    id,
    name,
    shortDescription: { text: title },
    fullDescription: { text: doc },
    help: { text: `${doc} See ${lintRulePage(name)}.` },
    defaultConfiguration: { level: severity },
  };
}

/** Sections 3.27 (result), 3.28 (location), 3.33 (logical location), 3.55 (fix). Code hosts take no result without a line; an image has 1. */
function toResult(finding: Finding, names: readonly string[]): object {
  const { rule, severity, message, location, layer, edits } = finding;
  const artifactLocation = { uri: toUri(location.file) };
  const { line, endLine, column } = location;
  const region = {
    startLine: line,
    ...(column !== undefined && { startColumn: column }),
    ...(endLine !== undefined && { endLine }),
  };
  const replacements = edits.map((edit) => ({
    deletedRegion: {
      startLine: edit.line,
      startColumn: edit.column,
      endLine: edit.endLine,
      endColumn: edit.endColumn,
    },
    insertedContent: { text: edit.text },
  }));
  return {
    ruleId: rule,
    ruleIndex: names.indexOf(rule),
    level: severity,
    message: { text: message },
    locations: [
      {
        physicalLocation: { artifactLocation, region },
        ...(layer !== undefined && {
          logicalLocations: [
            { name: `layer ${layer}`, fullyQualifiedName: `${location.file}, layer ${layer}` },
          ],
        }),
      },
    ],
    ...(edits.length > 0 && {
      fixes: [
        {
          description: { text: `What onebuild lint --fix writes for ${rule}` },
          artifactChanges: [{ artifactLocation, replacements }],
        },
      ],
    }),
  };
}

/** Section 3.4.3: a URI reference; relative paths stay relative. */
function toUri(file: string): string {
  return file.startsWith('/') ? pathToFileURL(file).href : file.split('/').map(encodeURIComponent).join('/');
}
