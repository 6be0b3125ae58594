export {
  type BakeFacts,
  type BakeProject,
  type ReadBakeOptions,
  readBakeFiles,
} from './bake/read-bake-files.ts';
export type { Unsupported } from './bake/to-target.ts';
export { checkBinds } from './check-binds.ts';
export { completeTarget, type PartialTarget } from './complete-target.ts';
export {
  type ConventionOptions,
  conventionProject,
  type FolderListing,
  isDockerfileName,
  standardVariant,
} from './convention/convention-project.ts';
export { findImageNames } from './convention/find-image-names.ts';
export { type BindRequest, parseBind } from './convention/match-bind.ts';
export { createStarter, findLanguage, languages, type Starter } from './init/create-starter.ts';
export type { Language, StarterFolder } from './init/language.ts';
export { type Facts, mayUseGit } from './interpolate/facts.ts';
export type { GitFacts } from './interpolate/git-facts.ts';
export { interpolate } from './interpolate/interpolate.ts';
export { createScope, type Scope } from './interpolate/scope.ts';
export type { Project, ProjectRegistry, Target, TargetRef } from './model.ts';
export { readOnebuildFile } from './onebuild/read-onebuild-file.ts';
export { renderJsonSchema } from './onebuild/render-json-schema.ts';
export { projectFileParts, projectFileSchema } from './onebuild/schema.ts';
export { describeProject, renderYaml } from './render/describe-project.ts';
export { type Selection, selectTargets } from './select-targets.ts';
export { renderTemplate } from './template/render-template.ts';
export { faultAt, locateOffset, longestFile, type TextFile } from './text-file.ts';
export {
  type ReadYamlOptions,
  readYaml,
  type YamlPath,
  type YamlProblem,
  type YamlText,
} from './yaml/read-yaml.ts';
