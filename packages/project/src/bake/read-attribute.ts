import { type AttributeKind, type AttributeValue, type Fields } from './bake-target.ts';
import { asFlag, asText, type HclValue, isList, isMap, nameKind } from './hcl/hcl-value.ts';
import { FunctionError } from './hcl/scope.ts';
import { completeFields, readFields } from './read-fields.ts';

/**
 * What an attribute of a target holds; undefined for null.
 * @throws FunctionError, or PROJECT_INVALID without location, where the value is of another kind
 */
export function readAttribute(value: HclValue, { shape, fields }: AttributeKind): AttributeValue | undefined {
  if (value === null) return undefined;
  switch (shape) {
    case 'text':
      return needText(value);
    case 'flag': {
      const flag = asFlag(value);
      if (flag === undefined) throw new FunctionError(`true or false is needed, not ${nameKind(value)}`);
      return flag;
    }
    case 'texts':
      return needList(value).map(needText);
    case 'map':
      if (!isMap(value)) throw new FunctionError(`an object is needed, not ${nameKind(value)}`);
      return new Map([...value].map(([key, item]) => [key, item === null ? null : needText(item)]));
    case 'fields':
      return needList(value)
        .map((item) => readEntry(item, fields))
        .filter((entry) => entry !== undefined);
  }
}

function readEntry(value: HclValue, kind: AttributeKind['fields']): Fields | undefined {
  if (!isMap(value)) return readFields(needText(value), kind);
  const fields = [...value].flatMap(([name, item]): [string, string][] => {
    if (item === null) return [];
    return [[name, kind === 'ssh' && isList(item) ? item.map(needText).join(',') : needText(item)]];
  });
  return completeFields(Object.fromEntries(fields), kind);
}

function needList(value: HclValue): readonly HclValue[] {
  if (!isList(value)) throw new FunctionError(`a list is needed, not ${nameKind(value)}`);
  return value;
}

function needText(value: HclValue): string {
  const text = asText(value);
  if (text === undefined) throw new FunctionError(`a text is needed, not ${nameKind(value)}`);
  return text;
}
