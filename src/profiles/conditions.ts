/** Conditions of a write (RFC 9110, 13.1); absent where the request has none. */
export type Conditions = {
  readonly ifMatch?: EntityTags | undefined;
  readonly ifNoneMatch?: EntityTags | undefined;
};

/** The entity tags of a header, quotes included; `*` stands for the tag of any profile. */
export type EntityTags = '*' | readonly string[];

/** `#entity-tag` without the commas (RFC 9110, 8.8.3): no tag may hold a quote or a blank. */
const ENTITY_TAG = /^(?:W\/)?"[!\x23-\x7e\x80-\xff]*"$/;
/** A list of tags, cut at commas outside their quotes. */
const LIST_ELEMENT = /(?:[^",]|"[^"]*"?)+/g;

/** Parses the value of `If-Match` or `If-None-Match`; undefined if it is not valid. */
export function parseEntityTags(header: string): EntityTags | undefined {
  const elements = (header.match(LIST_ELEMENT) ?? []).map((element) => element.trim());
  const tags = elements.filter((element) => element !== '');
  if (tags.length === 1 && tags[0] === '*') return '*';
  return tags.length > 0 && tags.every((tag) => ENTITY_TAG.test(tag)) ? tags : undefined;
}

/** Reports whether `tags` name the strong tag `tag`; weak ones only if compared `weakly`. */
export function namesTag(tags: EntityTags, tag: string, weakly: boolean): boolean {
  return tags === '*' || tags.includes(tag) || (weakly && tags.includes(`W/${tag}`));
}

/** Reports whether a profile with `tag` meets the conditions of a write. */
export function meets({ ifMatch, ifNoneMatch }: Conditions, tag: string): boolean {
  if (ifMatch !== undefined && !namesTag(ifMatch, tag, false)) return false;
  return ifNoneMatch === undefined || !namesTag(ifNoneMatch, tag, true);
}

/** Reports whether a write has a condition, for which the profile is read first. */
export function isConditional({ ifMatch, ifNoneMatch }: Conditions): boolean {
  return ifMatch !== undefined || ifNoneMatch !== undefined;
}
