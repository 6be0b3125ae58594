import type { YamlText } from '../yaml/read-yaml.ts';
import { type ComposeMap, isMap, plainText } from './shape.ts';

/**
 * A service with what it extends within the file, the nearer one winning; maps merge, lists are put behind each other.
 * @throws PROJECT_INVALID
 */
export function resolveExtends(yaml: YamlText, services: ComposeMap, name: string): ComposeMap {
  return resolve(name, []);

  function resolve(service: string, above: readonly string[]): ComposeMap {
    const at = ['services', service];
    const own = services[service];
    if (own === undefined || own === null) return {};
    if (!isMap(own)) throw yaml.fault(at, { message: `the service ${service} is not a map` });
    const { extends: base, ...rest } = own;
    if (base === undefined) return own;
    if (isMap(base) && base.file !== undefined) {
      throw yaml.fault([...at, 'extends', 'file'], {
        message: 'extends from another file is not supported',
        hint: 'Put the service into this file, or use anchors and merge keys.',
      });
    }
    const parent = plainText(isMap(base) ? base.service : base);
    if (parent === undefined || !Object.hasOwn(services, parent)) {
      throw yaml.fault([...at, 'extends'], {
        message: `${service} extends ${parent ?? 'nothing'}, which is no service here`,
      });
    }
    if (above.includes(parent) || parent === service) {
      throw yaml.fault([...at, 'extends'], {
        message: `services extend each other in a circle: ${[...above, service, parent].join(' -> ')}`,
      });
    }
    if (above.length > 50)
      throw yaml.fault([...at, 'extends'], { message: 'services extend more than 50 levels deep' });
    return merge(resolve(parent, [...above, service]), rest);
  }
}

function merge(under: ComposeMap, over: ComposeMap): ComposeMap {
  const merged: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const earlier = merged[key];
    merged[key] = mergeValue(key, earlier, value);
  }
  return merged;
}

function mergeValue(key: string, under: unknown, over: unknown): unknown {
  if (key === 'build') {
    const [a, b] = [asBuild(under), asBuild(over)];
    return a === undefined || b === undefined ? (over ?? under) : merge(a, b);
  }
  if (isMap(under) && isMap(over)) return merge(under, over);
  if (Array.isArray(under) && Array.isArray(over)) return [...(under as unknown[]), ...(over as unknown[])];
  return over;
}

function asBuild(value: unknown): ComposeMap | undefined {
  if (typeof value === 'string') return { context: value };
  return isMap(value) ? value : undefined;
}
