import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { ROOT } from '../support/child.ts';

/** A fenced block of a document. */
export type Block = { readonly language: string; readonly text: string };

/** A Markdown file of the repository. */
export type Document = {
  /** From the repository's root. */
  readonly path: string;
  readonly text: string;
  /** The text without its fenced blocks. */
  readonly prose: string;
  readonly blocks: readonly Block[];
};

/** Every file of the repository, as git has them; new ones included, ignored ones not. */
export const files: readonly string[] = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard'],
  { cwd: ROOT, encoding: 'utf8' },
)
  .trim()
  .split('\n');

/** Every file and every folder above one. */
export const paths: ReadonlySet<string> = new Set(
  files.flatMap((file) => {
    const parts = file.split('/');
    return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
  }),
);

const FENCE = /^```(\w*)\n([\s\S]*?)^```/gm;

export const documents: readonly Document[] = files
  .filter((path) => path.endsWith('.md'))
  .map((path) => {
    const text = readFileSync(`${ROOT}/${path}`, 'utf8');
    const blocks = [...text.matchAll(FENCE)].map(([, language = '', inner = '']) => {
      return { language, text: inner };
    });
    return { path, text, prose: text.replace(FENCE, ''), blocks };
  });

export function documentAt(path: string): Document {
  const found = documents.find((document) => document.path === path);
  if (found === undefined) throw new Error(`there is no ${path}`);
  return found;
}

/** The blocks of a language in these documents, in their order. */
export function blocksOf(language: string, from: readonly Document[] = documents): string[] {
  return from.flatMap(({ blocks }) =>
    blocks.filter((block) => block.language === language).map(({ text }) => text),
  );
}

/** A relative link with the path that it leads to, and its anchor or an empty text. */
export type Link = { readonly target: string; readonly anchor: string };

export function linksOf({ path, prose }: Document): Link[] {
  const written = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  const relative = written.filter((target) => !/^[a-z]+:/.test(target));
  return relative.map((link) => {
    const [file = '', anchor = ''] = link.split('#');
    const target = file === '' ? path : posix.join(posix.dirname(path), file);
    return { target: target.replace(/\/$/, ''), anchor };
  });
}

/** The anchors of the headings, as GitHub makes them. */
export function anchorsOf({ prose }: Document): Set<string> {
  const headings = [...prose.matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading = '']) => heading);
  const anchors = new Set<string>();
  for (const heading of headings) {
    const plain = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .trim()
      .toLowerCase();
    const anchor = plain.replace(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-');
    let unique = anchor;
    for (let i = 1; anchors.has(unique); i += 1) unique = `${anchor}-${i}`;
    anchors.add(unique);
  }
  return anchors;
}

/** What stands in code spans. */
export function codeSpans({ prose }: Document): string[] {
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
}
