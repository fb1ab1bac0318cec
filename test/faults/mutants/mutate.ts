import { parseAst } from 'vitest/node';
import { isNode, type Node, nodeAt, OPERATORS } from './operators.ts';

/** One slip in one file. */
export type Mutant = {
  /** Tells it from all others, whatever is added to the file elsewhere. */
  readonly name: string;
  readonly kind: string;
  /** Runs when the module is loaded, so that it must be loaded anew. */
  readonly isLoaded: boolean;
};

/** A slip that no operator makes: an expression that reads `find` becomes `replace`. */
export type Slip = { readonly name: string; readonly find: string; readonly replace: string };

export type Mutated = {
  /** The file with all its mutants in it, of which `SWITCH` chooses one. */
  readonly text: string;
  readonly mutants: readonly Mutant[];
};

/** The name of the mutant that is run; none of them where it is none. */
export const SWITCH = 'globalThis.chosenMutant';
/** How often loops may still go round. */
const SWITCH_FUEL = 'globalThis.mutantFuel';

/** Ends a loop that a slip has made endless. */
const FUEL = `if ((${SWITCH_FUEL} -= 1) < 0) throw new Error('the loop does not end');`;

const FUNCTIONS = ['FunctionDeclaration', 'ArrowFunctionExpression', 'FunctionExpression'];

/** Makes every mutant of a file. */
export function mutate(file: string, source: string, slips: readonly Slip[]): Mutated {
  const mutants: Mutant[] = [];
  const counts = new Map<string, number>();

  /** The condition under which a new mutant is chosen. */
  const chosen = (kind: string, what: string, isLoaded: boolean): string => {
    const plain = `${file} ${kind}: ${what.replaceAll(/\s+/g, ' ')}`;
    const count = (counts.get(plain) ?? 0) + 1;
    counts.set(plain, count);
    const name = count === 1 ? plain : `${plain} (${count})`;
    mutants.push({ name, kind, isLoaded });
    return `${SWITCH} === ${JSON.stringify(name)}`;
  };
  const sourceOf = ({ end, start }: Node): string => source.slice(start, end);

  const rendered = (node: Node, isLoaded: boolean): string => {
    const isInside = FUNCTIONS.includes(node.type) ? false : isLoaded;
    let text = withChildren(node, isInside, (child) => rendered(child, isInside));
    for (const slip of slips.filter(({ find }) => find === sourceOf(node))) {
      text = `(${chosen('slip', slip.name, isLoaded)} ? (${slip.replace}) : ${text})`;
    }
    if (isStatement(node)) {
      return `{ if (!(${chosen('statement', sourceOf(node), isLoaded)})) ${text} }`;
    }
    for (const { kind, text: other } of OPERATORS[node.type]?.(node, sourceOf) ?? []) {
      const what = `${sourceOf(node)} -> ${other}`;
      text = `(${chosen(kind, what, isLoaded)} ? (${other}) : (${text}))`;
    }
    return text;
  };

  /** The text of a node with its children rendered; of lists, each entry may be left out. */
  const withChildren = (node: Node, isLoaded: boolean, render: (child: Node) => string): string => {
    let [text, from] = ['', node.start];
    for (const child of childrenOf(node)) {
      text += source.slice(from, child.start) + partOf(node, child, isLoaded, render(child));
      from = child.end;
    }
    return text + source.slice(from, node.end);
  };
  const partOf = (node: Node, child: Node, isLoaded: boolean, text: string): string => {
    if (node.type === 'IfStatement' && child === node.test) {
      return ['true', 'false'].reduce((inner, other) => {
        const what = `${sourceOf(child)} -> ${other}`;
        return `(${chosen('condition', what, isLoaded)} ? ${other} : (${inner}))`;
      }, text);
    }
    if (/^(?:For|While)/.test(node.type) && child === node.body) {
      return child.type === 'BlockStatement'
        ? text.replace('{', `{ ${FUEL} `)
        : `{ ${FUEL} ${text} }`;
    }
    const isRow = node.type === 'ArrayExpression' || isRowMember(node, child);
    if (!isRow) return text;
    const condition = chosen('row', `without ${sourceOf(child)} of ${sourceOf(node)}`, isLoaded);
    const [open, close, none] =
      node.type === 'ArrayExpression' ? ['[', ']', '[]'] : ['{', '}', '{}'];
    return `...(${condition} ? ${none} : ${open}${text}${close})`;
  };

  const tree: unknown = parseAst(source, { lang: 'ts' });
  if (!isNode(tree)) throw new Error(`${file} cannot be parsed`);
  const text = source.slice(0, tree.start) + rendered(tree, true) + source.slice(tree.end);
  const missed = slips.filter(
    ({ name }) => !mutants.some((m) => m.name === `${file} slip: ${name}`),
  );
  if (missed.length > 0) throw new Error(`${file} has no ${missed.map(({ find }) => find)}`);
  return { text, mutants };
}

/** A call for its effect alone. */
function isStatement(node: Node): boolean {
  if (node.type !== 'ExpressionStatement') return false;
  const expression = nodeAt(node, 'expression');
  const call = expression?.type === 'AwaitExpression' ? nodeAt(expression, 'argument') : expression;
  return call?.type === 'CallExpression' || call?.type === 'AssignmentExpression';
}

/** A member of an object of literals, which is a row of a table. */
function isRowMember(node: Node, child: Node): boolean {
  if (node.type !== 'ObjectExpression' || child.type !== 'Property') return false;
  const members = (node.properties as readonly Node[]).map((member) => nodeAt(member, 'value'));
  return members.length > 1 && members.every((value) => value?.type === 'Literal');
}

/** The children that hold code: types, imports, names and keys are none. */
function childrenOf(node: Node): Node[] {
  const members = Object.entries(node).filter(([name]) => !isSkipped(node, name));
  const children = members
    .flatMap(([, value]): unknown[] => (Array.isArray(value) ? value : [value]))
    .filter(isNode)
    .filter(({ type }) => !/^(?:TS(?!AsExpression|NonNull)|Import|Identifier|Template)/.test(type));
  return children.toSorted((a, b) => a.start - b.start);
}

function isSkipped(node: Node, member: string): boolean {
  if (member === 'typeAnnotation' || member === 'returnType' || member === 'params') return true;
  if (member === 'typeArguments' || member === 'typeParameters' || member === 'source') return true;
  if (node.type === 'VariableDeclarator') return member === 'id';
  if (node.type === 'Property') return member === 'key' || node.shorthand === true;
  if (node.type === 'MemberExpression') return member === 'property' && node.computed !== true;
  return false;
}
