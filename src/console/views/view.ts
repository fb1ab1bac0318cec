import type { Scope } from '../../auth/caller.ts';
import type { ConsolePage } from '../layout.ts';
import type { Visit } from '../visit.ts';

/** Result of an action: another page of the console, or this one with what went wrong. */
export type ActionResult = { readonly to: string } | ConsolePage;

/** A form of a page. The API decides if the visitor may send it. */
export type ViewAction = {
  readonly path: string;
  /** Scope that the API will require: without it the form is refused before it is read. */
  readonly scope: Scope;
  readonly bytesMax?: number;
  readonly run: (visit: Visit, form: URLSearchParams) => Promise<ActionResult>;
};

/** One view of the console: a page, or several of one subject, and their forms. */
export type View = {
  /** Its entry in the navigation; absent: it has none. */
  readonly entry?: { readonly path: string; readonly label: string };
  readonly pages: Readonly<Record<string, (visit: Visit) => Promise<ConsolePage>>>;
  readonly actions?: readonly ViewAction[];
};

/** Returns a field of a form; empty where it is missing. */
export function fieldIn(form: URLSearchParams, name: string): string {
  return form.get(name)?.trim() ?? '';
}

/** Returns the `reason` of a form as a body of the API has it: left out where it is empty. */
export function reasonIn(form: URLSearchParams): { readonly reason?: string } {
  const reason = fieldIn(form, 'reason');
  return reason === '' ? {} : { reason };
}

/** Returns the id of a receipt that the API has named in its answer, for an address. */
export function receiptParameter(headers: Headers): string {
  const writeId = headers.get('x-write-id');
  return writeId === null ? '' : `&receipt=${encodeURIComponent(writeId)}`;
}

/** Returns the address of the page that tries an id. */
export function tryAddress(id: string): string {
  return `/console/try?${new URLSearchParams({ id })}`;
}
