import { FunctionError } from '../hcl/scope.ts';
import { define, type FunctionDefinition } from './arguments.ts';

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const form = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i;

/** Functions of time. `now` is milliseconds since 1970: the same for a whole file. */
export function timeFunctions(now: number): Readonly<Record<string, FunctionDefinition>> {
  return {
    timestamp: define(0, () => formatTime(now)),
    timeadd: define(2, ({ text }) => {
      const time = Date.parse(text(0));
      if (!form.test(text(0)) || Number.isNaN(time))
        throw new FunctionError('the time is not written as in RFC 3339');
      return formatTime(time + readDuration(text(1)));
    }),
    formatdate: define(2, ({ text }) => formatDate(text(0), text(1))),
  };
}

function formatTime(time: number): string {
  if (!Number.isFinite(time) || Math.abs(time) > 8e15) throw new FunctionError('the time is out of range');
  return new Date(time).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

function readDuration(text: string): number {
  const units: Readonly<Record<string, number>> = {
    h: 3_600_000,
    m: 60_000,
    s: 1000,
    ms: 1,
    us: 0.001,
    ns: 0.000001,
  };
  if (!/^[-+]?(?:\d{1,12}(?:\.\d{1,9})?(?:ms|us|ns|h|m|s)){1,6}$/.test(text)) {
    throw new FunctionError('the duration is not written as 1h30m');
  }
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)([a-z]+)/g))
    sum += Number(amount) * (units[unit ?? ''] ?? 0);
  return text.startsWith('-') ? -sum : sum;
}

/** The verbs of go-cty's `formatdate`: runs of one letter; texts in single quotes. */
function formatDate(pattern: string, time: string): string {
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', zone = ''] =
    form.exec(time) ?? [];
  if (year === '') throw new FunctionError('the time is not written as in RFC 3339');
  const weekday = days[new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDay()] ?? '';
  const monthName = months[Number(month) - 1] ?? '';
  const twelve = String(Number(hour) % 12 || 12);
  const short = zone.replace(':', '');
  const isUtc = /^z$|^[+-]00:00$/i.test(zone);
  const verbs: Readonly<Record<string, string>> = {
    YYYY: year,
    YY: year.slice(2),
    MMMM: monthName,
    MMM: monthName.slice(0, 3),
    MM: month,
    M: String(Number(month)),
    DD: day,
    D: String(Number(day)),
    EEEE: weekday,
    EEE: weekday.slice(0, 3),
    hh: hour,
    h: String(Number(hour)),
    HH: twelve.padStart(2, '0'),
    H: twelve,
    AA: Number(hour) < 12 ? 'AM' : 'PM',
    aa: Number(hour) < 12 ? 'am' : 'pm',
    mm: minute,
    m: String(Number(minute)),
    ss: second,
    s: String(Number(second)),
    ZZZZZ: isUtc ? '+00:00' : zone,
    ZZZZ: isUtc ? '+0000' : short,
    ZZZ: isUtc ? 'UTC' : short,
    Z: isUtc ? 'Z' : zone,
  };
  return pattern.replace(/'((?:[^']|'')*)'|([a-zA-Z])\2*/g, (whole: string, quoted: string | undefined) => {
    if (quoted !== undefined) return quoted.replaceAll("''", "'");
    const value = Object.hasOwn(verbs, whole) ? verbs[whole] : undefined;
    if (value === undefined) throw new FunctionError(`the format has a verb that is not known: ${whole}`);
    return value;
  });
}
