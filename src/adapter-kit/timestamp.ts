/** An RFC 3339 time whose parts need no check beyond their range: every month has 28 days. */
const PLAIN_TIME = new RegExp(
  [
    /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])/,
    /T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3})?/,
    /(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/,
  ]
    .map(({ source }) => source)
    .join(''),
);

const MINUTES_OF_DAY = 24 * 60;

const TWO_DIGITS = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));

/** Any RFC 3339 or ISO 8601 time as RFC 3339 in UTC; one without a zone is in UTC already. */
export function utcTime(text: string): string | undefined {
  // A `Date` costs 1.5 µs more.
  const plain = PLAIN_TIME.test(text) ? shifted(text) : undefined;
  if (plain !== undefined) return plain;
  const time = new Date(/[zZ]$|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

/** A plain time in UTC; undefined where that may be in another month. */
function shifted(text: string): string | undefined {
  const hasFraction = text.charCodeAt(19) === 0x2e; // a point
  const zone = hasFraction ? 23 : 19;
  const minutes = minutesAt(text, 11) - offsetAt(text, zone);
  const days = Math.floor(minutes / MINUTES_OF_DAY);
  const day = numberAt(text, 8) + days;
  if (day < 1 || day > 28) return undefined;
  const rest = minutes - MINUTES_OF_DAY * days;
  const clock = `${TWO_DIGITS[Math.floor(rest / 60)]}:${TWO_DIGITS[rest % 60]}`;
  const seconds = `${text.slice(16, zone)}${hasFraction ? '' : '.000'}`;
  return `${text.slice(0, 8)}${TWO_DIGITS[day]}T${clock}${seconds}Z`;
}

/** Returns the minutes by which a zone is ahead of UTC. */
function offsetAt(text: string, at: number): number {
  const sign = text.charAt(at);
  if (sign === 'Z') return 0;
  return sign === '+' ? minutesAt(text, at + 1) : -minutesAt(text, at + 1);
}

function minutesAt(text: string, at: number): number {
  return 60 * numberAt(text, at) + numberAt(text, at + 3);
}

/** The number that two digits name. */
function numberAt(text: string, at: number): number {
  return 10 * (text.charCodeAt(at) - 0x30) + text.charCodeAt(at + 1) - 0x30;
}
