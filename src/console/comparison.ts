import { html } from 'hono/html';
import {
  isObject,
  type Json,
  type JsonObject,
  jsonEqual,
  pointerTo,
} from '../adapter-kit/index.ts';
import { COMPARED_CHARACTERS_MAX, COMPARED_ROWS_MAX } from './bounds.ts';
import { badge, dataTable, type Html } from './elements.ts';

/** Shows two profiles beside each other, member by member, what differs first. */
export function comparison(before: JsonObject, after: JsonObject): Html {
  const left = new Map(leavesOf(before, ''));
  const right = new Map(leavesOf(after, ''));
  const pointers = [...new Set([...left.keys(), ...right.keys()])];
  const isChanged = (pointer: string): boolean => !jsonEqual(left.get(pointer), right.get(pointer));
  const changed = pointers.filter(isChanged);
  const same = pointers.filter((pointer) => !isChanged(pointer));
  const shown = [...changed, ...same].slice(0, COMPARED_ROWS_MAX);
  const rows = shown.map((pointer, i) => {
    const mark = i < changed.length ? html` ${badge('info', 'changes')}` : '';
    return [
      html`<code>${pointer}</code>${mark}`,
      comparedValue(left.get(pointer)),
      comparedValue(right.get(pointer)),
    ];
  });
  const rest = pointers.length - shown.length;
  const columns = ['Member', 'Before', 'After'].map((label) => ({ label }));
  return html`${dataTable('Before and after', columns, rows)}
    ${rest > 0 ? html`<p class="muted">${rest} more members stay unchanged.</p>` : ''}`;
}

function comparedValue(value: Json | undefined): Html {
  if (value === undefined) return html`<span class="muted">absent</span>`;
  const text = JSON.stringify(value);
  const isCut = text.length > COMPARED_CHARACTERS_MAX;
  const shown = text.slice(0, COMPARED_CHARACTERS_MAX);
  return html`<code class="value">${shown}${isCut ? ' …' : ''}</code>`;
}

/** Members that hold no members, by their pointers. */
function leavesOf(value: Json, pointer: string): [string, Json][] {
  if (!isObject(value) || Object.keys(value).length === 0) return [[pointer, value]];
  return Object.entries(value).flatMap(([name, member]) =>
    leavesOf(member, pointerTo(pointer, name)),
  );
}
