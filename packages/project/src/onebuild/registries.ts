import { fault, suggest } from '@onebuild/core';
import { parseReference } from '@onebuild/oci';
import type { ProjectRegistry } from '../model.ts';
import type { YamlText } from '../yaml/read-yaml.ts';
import { type Expander, listEntries, placeAt } from './expander.ts';
import type { ProjectFile } from './schema.ts';

/** The registries of the file, with what they say interpolated. */
export function readRegistries(
  yaml: YamlText,
  registries: ProjectFile['registries'],
  expander: Expander,
): readonly ProjectRegistry[] {
  return Object.entries(registries ?? {}).map(([name, section]) => {
    const path = ['registries', name];
    if (!/^[a-z0-9][a-z0-9_-]{0,63}$/.test(name)) {
      throw yaml.fault(path, {
        message: `${JSON.stringify(name)} cannot be the name of a registry`,
        hint: 'Use small letters, digits, - and _; dots and colons would make it a host.',
        at: 'key',
      });
    }
    const host = (key: 'host' | 'endpoint'): string | undefined => {
      const value = section[key];
      return value === undefined ? undefined : readHost(yaml, { value, path: [...path, key] }, expander);
    };
    const endpoint = host('endpoint');
    const mirrors =
      section.mirrors &&
      listEntries(yaml, { value: section.mirrors, path: [...path, 'mirrors'] }).map((entry) =>
        readHost(yaml, entry, expander),
      );
    return {
      name,
      host: host('host') ?? '',
      ...(endpoint !== undefined && { endpoint }),
      ...(mirrors !== undefined && { mirrors }),
      ...(section.credential !== undefined && {
        credential: expander.text({ value: section.credential, path: [...path, 'credential'] }),
      }),
      ...(section.insecure !== undefined && { insecure: section.insecure }),
    };
  });
}

function readHost(yaml: YamlText, written: Parameters<Expander['text']>[0], expander: Expander): string {
  const host = expander.text(written);
  return placeAt(yaml, written.path, () => {
    if (/[/@\s]/.test(host) || !(/[.:]/.test(host) || host === 'localhost')) {
      throw fault('PROJECT_INVALID', `${JSON.stringify(host)} is not the host of a registry`, {
        hint: 'Write the host, with a port where it has one: harbor.example.com, localhost:5000.',
      });
    }
    // the grammar of hosts is that of references
    parseReference(`${host}/name`);
    return host;
  });
}

/**
 * An image's name with the host in place of a registry's name in front: `main/ops/app:1` is `harbor.example.com/ops/app:1`.
 * @throws PROJECT_INVALID, REFERENCE_INVALID without location
 */
export function resolveImageName(text: string, registries: readonly ProjectRegistry[]): string {
  const [first = '', ...rest] = text.split('/');
  const registry = registries.find(({ name }) => name === first);
  const name = registry === undefined || rest.length === 0 ? text : [registry.host, ...rest].join('/');
  const isHost = /[.:]/.test(first) || first === 'localhost';
  if (registry === undefined && rest.length > 0 && !isHost) {
    const meant = suggest(
      first,
      registries.map((one) => one.name),
    );
    if (meant !== undefined) {
      throw fault(
        'PROJECT_INVALID',
        `there is no registry ${JSON.stringify(first)}, did you mean ${meant}?`,
        {
          hint: `Write ${meant}/..., or docker.io/${text} for an image of Docker Hub.`,
        },
      );
    }
  }
  parseReference(name);
  return name;
}
