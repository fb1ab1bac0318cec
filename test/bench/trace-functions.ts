import { stripTypeScriptTypes } from 'node:module';
import { parseAst } from 'vitest/node';

/** Name of the global function that instrumented code calls with `file:offset`. */
export const TRACE_ENTRY = 'traceFunctionEntry';

type Node = { readonly type: string; readonly start: number; readonly end: number };
type Insertion = { readonly at: number; readonly text: string };

const FUNCTIONS = ['ArrowFunctionExpression', 'FunctionDeclaration', 'FunctionExpression'];

/** Returns the JavaScript of a TypeScript file whose functions first report their entry. */
export function instrumented(file: string, typescript: string): string {
  const source = stripTypeScriptTypes(typescript);
  const insertions: Insertion[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (isNode(value) && FUNCTIONS.includes(value.type) && 'body' in value && isNode(value.body)) {
      const call = `${TRACE_ENTRY}(${JSON.stringify(`${file}:${value.start}`)})`;
      insertions.push(...entryOf(value.body, call, source));
    }
    for (const child of Object.values(value)) visit(child);
  };
  visit(parseAst(source).body);
  let text = source;
  for (const { at, text: inserted } of insertions.sort((a, b) => b.at - a.at)) {
    text = text.slice(0, at) + inserted + text.slice(at);
  }
  return text;
}

/** A block begins with the call; an expression becomes the second half of a comma. */
function entryOf(body: Node, call: string, source: string): readonly Insertion[] {
  if (body.type === 'BlockStatement') return [{ at: body.start + 1, text: `${call};` }];
  // The parser leaves parentheses around an object literal out of the node.
  const start = source.lastIndexOf('=>', body.start) + 2;
  const opened = source.slice(start, body.start).split('(').length - 1;
  let end = body.end;
  for (let closed = 0; closed < opened; closed += 1) end = source.indexOf(')', end) + 1;
  return [
    { at: start, text: `(${call},` },
    { at: end, text: ')' },
  ];
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}
