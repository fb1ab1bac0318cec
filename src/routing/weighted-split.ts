/** One of the targets that share the ids of a rule. */
export type Share<T> = { readonly target: T; readonly weight: number };

/**
 * Chooses for each id the same target again, by weighted rendezvous hashing: every target draws a
 * number for the id, and the one whose number arrives first, at the pace of its weight, takes it.
 * A target whose weight grows only gains ids, one whose weight falls only loses some, and no other
 * id moves: the fewest that can, while one weight changes or there are two targets.
 */
export function chooseShare<T extends { readonly name: string }>(
  shares: readonly Share<T>[],
  id: string,
): T | undefined {
  if (shares.length === 1) return shares[0]?.target;
  let chosen: T | undefined;
  let first = Number.POSITIVE_INFINITY;
  for (const { target, weight } of shares) {
    if (weight <= 0) continue;
    const arrival = -Math.log(unitHash(`${target.name}\n${id}`)) / weight;
    if (arrival < first || chosen === undefined) {
      chosen = target;
      first = arrival;
    }
  }
  return chosen;
}

/**
 * A number between 0 and 1, both left out, that depends on every bit of `text` and on nothing
 * else: the same on every runtime, in every process, for ever. Changing it would move profiles.
 */
export function unitHash(text: string): number {
  let a = 0x243f6a88;
  let b = 0x85a308d3;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x9e3779b1);
    a = (a << 13) | (a >>> 19);
    b = Math.imul(b ^ unit, 0x85ebca77);
    b = (b << 17) | (b >>> 15);
  }
  a = scatter(a ^ text.length);
  b = scatter(b ^ a);
  a = scatter(a ^ b) >>> 0;
  // 53 bits, as many as a number holds, and a half so that 0 cannot come out.
  return (a * 0x20_0000 + ((b >>> 0) >>> 11) + 0.5) / 2 ** 53;
}

/** Lets every bit of a 32-bit number change every other. */
function scatter(bits: number): number {
  let mixed = bits;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return mixed ^ (mixed >>> 16);
}
