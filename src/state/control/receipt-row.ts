/** The record of a write, or of an operator's change. Values stand nowhere in it. */
export type ReceiptRow = {
  readonly writeId: string;
  readonly kind: string;
  /** The key of the profile; empty where there is none. */
  readonly key: string;
  readonly id: string;
  readonly target: string;
  readonly caller: string;
  readonly outcome: string;
  /** The rest, as JSON. */
  readonly body: string;
};
