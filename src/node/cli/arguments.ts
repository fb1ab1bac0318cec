/** Reports whether the arguments start a gateway, by their first one. */
export function startsServing(args: readonly string[]): boolean {
  const [first] = args;
  if (first === undefined || first === '--version' || asksForHelp(args)) return false;
  return first === 'serve' || first.startsWith('-');
}

/** An option's value cannot begin with a hyphen unless it is joined to it, so none is mistaken. */
export function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const options = end < 0 ? args : args.slice(0, end);
  return options.includes('--help') || options.includes('-h');
}
