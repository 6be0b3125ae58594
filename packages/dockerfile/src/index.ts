export type { Dockerfile, ParseWarning, Stage } from './dockerfile.ts';
export { applyEdits, findEdits, type TextEdit } from './fix/find-edits.ts';
export { type Fixed, type FixOptions, fixDockerfile } from './fix/fix-dockerfile.ts';
export { indexSource, type SourceIndex } from './fix/source-index.ts';
export { compileGlob, type GlobOptions, matchGlob } from './ignore/glob.ts';
export { parseIgnoreFile } from './ignore/ignore-file.ts';
export {
  createPatternMatcher,
  type IgnoreMatcher,
  type PatternMatcherOptions,
} from './ignore/pattern-matcher.ts';
export { type ChownParts, parseChown } from './instructions/chown.ts';
export { type Expanded, type ExpandOptions, expandInstruction } from './instructions/expand-instruction.ts';
export type * from './instructions/instruction.ts';
export { type ModeChange, parseMode } from './instructions/mode.ts';
export { type ParseOptions, parseDockerfile } from './instructions/parse-dockerfile.ts';
export { parseInstruction } from './instructions/parse-instruction.ts';
export { resolveExposedPorts } from './instructions/ports.ts';
export { type ResolvedRun, resolveRun } from './instructions/resolve-run.ts';
export type { Directives, EscapeCharacter } from './lexer/directive-reader.ts';
export { assertLintPasses } from './lint/assert-lint-passes.ts';
export { type CheckConfig, readCheckConfig } from './lint/check-config.ts';
export { type LintOptions, type LintWarning, lintDockerfile } from './lint/lint-dockerfile.ts';
export { lintTogether, type PlacedDockerfile } from './lint/lint-together.ts';
export {
  isDockerRule,
  type LintExample,
  type LintRule,
  type LintRuleName,
  type LintSeverity,
  lintRuleNames,
  lintRulePage,
  lintRules,
} from './lint/rules.ts';
export { chompTabs, type Heredoc } from './parser/heredoc.ts';
export {
  type ExpandedWord,
  type ExpandedWords,
  type ExpandWordOptions,
  expandWord,
  expandWords,
} from './shell/expand-word.ts';
export { drawSnippet, locate } from './snippet.ts';
