export const PARALLEL = 4;

/** Four patches of different attributes at once; how many of them are lost afterwards. */
export async function lostOf(
  round: number,
  patch: (attributes: object, i: number) => Promise<unknown>,
  attributes: () => Promise<object>,
): Promise<number> {
  const keys = Array.from({ length: PARALLEL }, (_, i) => `r${round}k${i}`);
  await Promise.all(keys.map((key, i) => patch({ [key]: round }, i)));
  const stored = await attributes();
  return keys.filter((key) => !Object.hasOwn(stored, key)).length;
}
