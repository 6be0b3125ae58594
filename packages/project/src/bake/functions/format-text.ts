import { type Budget, spend } from '../hcl/budget.ts';
import { asFlag, asNumber, asText, encodeJson, type HclValue, nameKind } from '../hcl/hcl-value.ts';
import { FunctionError } from '../hcl/scope.ts';

const verb = /%(%|([-+ 0#]{0,5})(\d{1,4})?(?:\.(\d{1,3}))?(?:\[(\d{1,3})\])?([a-zA-Z]))|%/g;

/** `format` of go-cty: `%s %d %v %q %t %f %x` and their like, with width and precision. */
export function formatText(form: string, args: readonly HclValue[], budget: Budget): string {
  let next = 0;
  const text = form.replace(verb, (whole: string, ...groups: unknown[]) => {
    const [body, flags, width, precision, which, letter] = groups as (string | undefined)[];
    if (body === '%') return '%';
    if (letter === undefined) throw new FunctionError(`the format has a % that is not followed by a verb`);
    const at = which === undefined ? next : Number(which) - 1;
    next = at + 1;
    const value = args[at];
    if (value === undefined)
      throw new FunctionError(`the format needs more arguments than there are: ${whole}`);
    const made = pad(convert(letter, value, { flags: flags ?? '', precision }), {
      flags: flags ?? '',
      width,
      isNumber: 'dfgexXbo'.includes(letter),
    });
    spend(budget, made.length);
    return made;
  });
  if (next < args.length && !/%\d{0,4}\[/.test(form))
    throw new FunctionError(`the format needs ${next} arguments, not ${args.length}`);
  return text;
}

function convert(
  letter: string,
  value: HclValue,
  { flags, precision }: { flags: string; precision: string | undefined },
): string {
  const digits = precision === undefined ? undefined : Number(precision);
  if (letter === 'v' || letter === 's') {
    const text = asText(value) ?? (letter === 'v' ? encodeJson(value) : undefined);
    if (text === undefined) throw new FunctionError(`%s needs a text, not ${nameKind(value)}`);
    const shown = flags.includes('#') && letter === 'v' ? encodeJson(value) : text;
    return digits === undefined ? shown : Array.from(shown).slice(0, digits).join('');
  }
  if (letter === 'q') return JSON.stringify(asText(value) ?? encodeJson(value));
  if (letter === 't') {
    const flag = asFlag(value);
    if (flag === undefined) throw new FunctionError(`%t needs true or false, not ${nameKind(value)}`);
    return String(flag);
  }
  if ((letter === 'x' || letter === 'X') && typeof value === 'string') {
    const hex = Buffer.from(value).toString('hex');
    return letter === 'X' ? hex.toUpperCase() : hex;
  }
  return formatNumeric(letter, value, { flags, digits });
}

function formatNumeric(
  letter: string,
  value: HclValue,
  { flags, digits }: { flags: string; digits: number | undefined },
): string {
  const number = asNumber(value);
  if (number === undefined) throw new FunctionError(`%${letter} needs a number, not ${nameKind(value)}`);
  const sign = number >= 0 && flags.includes('+') ? '+' : number >= 0 && flags.includes(' ') ? ' ' : '';
  const bases: Readonly<Record<string, number>> = { d: 10, x: 16, X: 16, o: 8, b: 2 };
  const base = bases[letter];
  if (base !== undefined) {
    const text = BigInt(Math.trunc(number)).toString(base);
    return sign + (letter === 'X' ? text.toUpperCase() : text);
  }
  if (letter === 'f') return sign + number.toFixed(Math.min(digits ?? 6, 100));
  if (letter === 'e')
    return (
      sign +
      number
        .toExponential(digits ?? 6)
        .replace(/e([+-])(\d)$/, (_, mark: string, digit: string) => `e${mark}0${digit}`)
    );
  if (letter === 'g')
    return sign + String(digits === undefined ? number : Number(number.toPrecision(Math.max(1, digits))));
  throw new FunctionError(`the verb %${letter} is not known`);
}

function pad(
  text: string,
  { flags, width, isNumber }: { flags: string; width: string | undefined; isNumber: boolean },
): string {
  const wanted = Number(width ?? 0);
  if (flags.includes('-')) return text.padEnd(wanted);
  if (!flags.includes('0') || !isNumber) return text.padStart(wanted);
  const sign = /^[-+ ]/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(wanted - sign.length, '0');
}
