import { html } from 'hono/html';
import { REASON_CHARACTERS_MAX } from '../limits.ts';
import type { Html } from './elements.ts';

export type FieldOptions = {
  readonly name: string;
  /** By default the name. */
  readonly id?: string;
  readonly label: string;
  readonly value?: string | undefined;
  readonly hint?: string;
  readonly type?: 'text' | 'password' | 'datetime-local';
  readonly isRequired?: boolean;
  readonly placeholder?: string;
  readonly list?: readonly string[];
  readonly autocomplete?: string;
};

/** A labeled field of one line. */
export function textField(options: FieldOptions): Html {
  const { autocomplete = 'off', hint, isRequired, label, list, name, placeholder } = options;
  const { id = name, type = 'text', value = '' } = options;
  const listId = `${id}-list`;
  return html`<div class="field">
    <label for="${id}">${label}</label>
    <input id="${id}" name="${name}" type="${type}" value="${value}" autocomplete="${autocomplete}"
      spellcheck="false"${placeholder === undefined ? '' : html` placeholder="${placeholder}"`}${
        isRequired ? html` required` : ''
      }${list === undefined ? '' : html` list="${listId}"`}${describedBy(id, hint)}>
    ${
      list === undefined
        ? ''
        : html`<datalist id="${listId}">${list.map(
            (option) => html`<option value="${option}"></option>`,
          )}</datalist>`
    }
    ${hintOf(id, hint)}
  </div>`;
}

export type AreaOptions = Pick<
  FieldOptions,
  'name' | 'label' | 'value' | 'hint' | 'isRequired' | 'placeholder'
> & { readonly rows: number; readonly isNarrow?: boolean };

/** A labeled field of several lines. */
export function areaField(options: AreaOptions): Html {
  const { hint, isNarrow, isRequired, label, name, placeholder = '', rows, value = '' } = options;
  return html`<div class="field ${isNarrow ? '' : 'field-wide'}">
    <label for="${name}">${label}</label>
    <textarea id="${name}" name="${name}" rows="${rows}" spellcheck="false" autocomplete="off"
      placeholder="${placeholder}"${isRequired ? html` required` : ''}${describedBy(name, hint)}>
${value}</textarea>
    ${hintOf(name, hint)}
  </div>`;
}

export type Choice = { readonly value: string; readonly label: string };

/** A labeled choice of one. */
export function choiceField(
  name: string,
  label: string,
  choices: readonly Choice[],
  value: string,
  id = name,
): Html {
  return html`<div class="field">
    <label for="${id}">${label}</label>
    <select id="${id}" name="${name}">${choices.map(
      (choice) =>
        html`<option value="${choice.value}"${
          choice.value === value ? html` selected` : ''
        }>${choice.label}</option>`,
    )}</select>
  </div>`;
}

/** A box to tick, with the value `true`. */
export function tickField(name: string, label: string, isTicked: boolean): Html {
  return html`<div class="field field-tick">
    <input type="checkbox" id="${name}" name="${name}" value="true"${
      isTicked ? html` checked` : ''
    }>
    <label for="${name}">${label}</label>
  </div>`;
}

/** The reason of an operator's change. */
export function reasonField(name: string, isRequired: boolean): Html {
  return html`<div class="field">
    <label for="${name}">Reason${isRequired ? '' : ' (optional)'}</label>
    <input id="${name}" name="reason" maxlength="${REASON_CHARACTERS_MAX}" autocomplete="off"
      placeholder="ticket 4711: maintenance"${isRequired ? html` required` : ''}${describedBy(
        name,
        REASON_HINT,
      )}>
    ${hintOf(name, REASON_HINT)}
  </div>`;
}

const REASON_HINT = 'Stands in the receipt for whoever asks later; no values of profiles.';

function describedBy(name: string, hint: string | undefined): Html | string {
  return hint === undefined ? '' : html` aria-describedby="${name}-hint"`;
}

function hintOf(name: string, hint: string | undefined): Html | string {
  return hint === undefined ? '' : html`<p class="hint" id="${name}-hint">${hint}</p>`;
}

/** A form that changes something; it carries the token of the session. */
export function actionForm(action: string, csrf: string, content: unknown, name = ''): Html {
  return html`<form method="post" action="${action}" class="${name}">
    <input type="hidden" name="csrf" value="${csrf}">
    ${content}
  </form>`;
}

/** A form whose fields become the address of a page, so that its result has a link. */
export function searchForm(action: string, content: unknown): Html {
  return html`<form method="get" action="${action}" class="search" role="search">${content}</form>`;
}

/** The button that sends a form. `plain`: it changes nothing; `danger`: others will notice. */
export function submitButton(label: string, kind?: 'plain' | 'danger'): Html {
  const more = kind === undefined ? '' : `button-${kind}`;
  return html`<button class="button ${more}">${label}</button>`;
}

/** A value that goes with a form unseen. */
export function hiddenField(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}">`;
}
