/** A node of the syntax tree of one file, as far as the operators look at it. */
export type Node = {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
};

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

export const nodeAt = (node: Node, member: string): Node | undefined => {
  const value = node[member];
  return isNode(value) ? value : undefined;
};

/** An expression in place of a node. */
export type Replacement = { readonly kind: string; readonly text: string };

/** Words that stand for one thing each; one is taken for the next of its family. */
const FAMILIES: readonly (readonly string[])[] = [
  ['confirmed', 'contradicted', 'unconfirmed'],
  ['notStored', 'conflicting'],
  ['moved', 'unmoved', 'untimed'],
  ['before', 'since'],
  ['queued', 'retry_failed', 'read_back_failed', 'not_comparable', 'unproven', 'conflicting_value'],
  ['not_read', 'read_failed', 'unchanged', 'unchanged_again'],
  ['accept', 'resend', 'read_back'],
  ['response', 'read'],
  ['noop', 'applied'],
  ['rejected', 'partial'],
  ['dropped', 'coerced'],
  ['none', 'possible'],
  ['strict', 'lenient'],
  ['read_only', 'write_only'],
  ['exact', 'present'],
  ['count', 'never'],
];

/** Each with its opposite, and with the same at the bound. */
const SWAPPED: Readonly<Record<string, readonly string[]>> = {
  '===': ['!=='],
  '!==': ['==='],
  '<': ['>=', '<='],
  '<=': ['>', '<'],
  '>': ['<=', '>='],
  '>=': ['<', '>'],
  '+': ['-'],
  '-': ['+'],
};
const METHODS: Readonly<Record<string, string>> = {
  some: 'every',
  every: 'some',
  max: 'min',
  min: 'max',
};

type TextOf = (node: Node) => string;
type Operator = (node: Node, textOf: TextOf) => readonly Replacement[];

/** All that may stand in place of an expression. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  Literal: ({ value }) => {
    if (typeof value === 'boolean') return [{ kind: 'literal', text: String(!value) }];
    if (typeof value === 'number') return [];
    const family = FAMILIES.find((words) => words.some((word) => word === value));
    if (family === undefined) return [];
    const next = family[(family.indexOf(String(value)) + 1) % family.length];
    return [{ kind: 'word', text: `'${next}'` }];
  },
  UnaryExpression: (node, textOf) => {
    const argument = nodeAt(node, 'argument');
    if (node.operator !== '!' || argument === undefined) return [];
    return [{ kind: 'negation', text: textOf(argument) }];
  },
  LogicalExpression: (node, textOf) => {
    const [left, right] = [nodeAt(node, 'left'), nodeAt(node, 'right')];
    if (left === undefined || right === undefined) return [];
    return [left, right].map((operand) => ({ kind: 'operand', text: textOf(operand) }));
  },
  BinaryExpression: (node, textOf) => {
    const [left, right] = [nodeAt(node, 'left'), nodeAt(node, 'right')];
    if (left === undefined || right === undefined) return [];
    const [opposite, ...atBound] = SWAPPED[String(node.operator)] ?? [];
    if (opposite === undefined) return [];
    // A length is compared with nothing but 0 and 1, where the bound is another condition.
    const isOfLength = textOf(left).endsWith('.length');
    return [opposite, ...(isOfLength ? [] : atBound)].map((operator) => ({
      kind: 'operator',
      text: `${textOf(left)} ${operator} ${textOf(right)}`,
    }));
  },
  ConditionalExpression: (node, textOf) => {
    const [then, otherwise] = [nodeAt(node, 'consequent'), nodeAt(node, 'alternate')];
    if (then === undefined || otherwise === undefined) return [];
    return [then, otherwise].map((branch) => ({ kind: 'branch', text: textOf(branch) }));
  },
  CallExpression: (node, textOf) => {
    const callee = nodeAt(node, 'callee');
    const [object, property] = [callee, callee].map((member, i) =>
      member === undefined ? undefined : nodeAt(member, i === 0 ? 'object' : 'property'),
    );
    if (callee?.type !== 'MemberExpression' || object === undefined) return [];
    const name = String(property?.name);
    const other = METHODS[name];
    if (other !== undefined) {
      const given = (node.arguments as readonly Node[]).map(textOf).join(', ');
      return [{ kind: 'method', text: `${textOf(object)}.${other}(${given})` }];
    }
    return name === 'filter' ? [{ kind: 'method', text: textOf(object) }] : [];
  },
};
