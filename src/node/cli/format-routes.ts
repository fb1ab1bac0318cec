import { isList, isObject, type Json, type JsonObject } from '../../adapter-kit/index.ts';

/** The rules of an effective configuration in their order, one line each. */
export function routeLines({ routes }: JsonObject): string[] {
  return isList(routes) ? routes.map(routeLine) : [];
}

function routeLine(route: Json, i: number): string {
  const { fallback, handling, match, split, to } = objectText(route);
  const lead = isList(split) ? split.map(shareText).join(' | ') : `${to}`;
  const more = [
    ...(handling === undefined ? [] : [`${handling} handling`]),
    ...(isList(fallback) ? [`else ${fallback.join(', ')}`] : []),
  ];
  const tail = more.length === 0 ? '' : ` (${more.join('; ')})`;
  return `routes.${i}  ${conditionsOf(objectText(match)).join(', ') || 'any id'} -> ${lead}${tail}`;
}

function conditionsOf({ caller, header, id }: JsonObject): string[] {
  return [
    ...(id === undefined ? [] : [`id ${id}`]),
    ...Object.entries(objectText(header)).map(([name, text]) => `header ${name}: ${text}`),
    ...(caller === undefined ? [] : [`caller ${caller}`]),
  ];
}

function shareText(share: Json): string {
  const { to, weight } = objectText(share);
  return `${to} (${weight})`;
}

function objectText(value: Json | undefined): JsonObject {
  const nothing: JsonObject = {};
  return isObject(value) ? value : nothing;
}
