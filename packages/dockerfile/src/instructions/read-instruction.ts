import { suggest } from '@onebuild/core';
import type { Node } from '../parser/node.ts';
import type { FromInstruction, Instruction } from './instruction.ts';
import {
  readCmd,
  readEntrypoint,
  readMaintainer,
  readShell,
  readStopsignal,
  readUser,
  readVolume,
  readWorkdir,
} from './read-command.ts';
import { readAdd, readCopy } from './read-copy.ts';
import { readFrom } from './read-from.ts';
import { readHealthcheck } from './read-healthcheck.ts';
import { readOnbuild } from './read-onbuild.ts';
import { readRun } from './read-run.ts';
import { readArg, readEnv, readExpose, readLabel } from './read-variables.ts';
import { createRequest, invalid, type Request } from './request.ts';

const readers: Readonly<Record<string, (request: Request) => Instruction | FromInstruction>> = {
  ADD: readAdd,
  ARG: readArg,
  CMD: readCmd,
  COPY: readCopy,
  ENTRYPOINT: readEntrypoint,
  ENV: readEnv,
  EXPOSE: readExpose,
  FROM: readFrom,
  HEALTHCHECK: readHealthcheck,
  LABEL: readLabel,
  MAINTAINER: readMaintainer,
  ONBUILD: readOnbuild,
  RUN: readRun,
  SHELL: readShell,
  STOPSIGNAL: readStopsignal,
  USER: readUser,
  VOLUME: readVolume,
  WORKDIR: readWorkdir,
};

/**
 * Gives a node its meaning.
 * @throws DOCKERFILE_INSTRUCTION without location
 */
export function readInstruction(node: Node, file: string): Instruction | FromInstruction {
  const request = createRequest(node, file);
  const read = Object.hasOwn(readers, request.name) ? readers[request.name] : undefined;
  if (read === undefined) {
    const close = suggest(node.keyword, Object.keys(readers));
    const shown = node.keyword.length > 40 ? `${node.keyword.slice(0, 40)}...` : node.keyword;
    throw invalid(
      `unknown instruction ${shown}${close === undefined ? '' : `, did you mean ${close}?`}`,
      close === undefined ? 'Is the line before it missing a continuation (\\)?' : `Write ${close}.`,
    );
  }
  return read(request);
}
