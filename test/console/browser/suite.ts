import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { ROOT } from '../../support/child.ts';
import { type CONSOLE_KEYS, type ConsoleStage, makeTraffic, startConsoleStage } from '../stage.ts';
import type { Look } from './chromium.ts';

const PACKAGES = join(ROOT, 'test/console/node_modules');
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const START_MS_MAX = 60_000;

/** Says what is missing to run a browser, and notes that tests are skipped. */
export function reasonToSkipBrowser(): string | undefined {
  const missing = existsSync(CHROMIUM)
    ? existsSync(PACKAGES)
      ? undefined
      : 'no packages here: npm ci --prefix test/console'
    : 'no chromium here: apt-get install chromium';
  if (missing === undefined) return undefined;
  const reason = `console in a browser: skipped (${missing})`;
  if (process.env.SKIP_REASONS) appendFileSync(process.env.SKIP_REASONS, `${reason}\n`);
  console.log(reason);
  return reason;
}

/**
 * Opens a browser before a gateway in a process of its own, with a new window for each test. After
 * each no request has left the origin, and the browser has complained of nothing.
 */
export function consoleInBrowser() {
  let stage: ConsoleStage;
  let browser: Browser;
  let window: BrowserContext;
  let page: Page;
  let tools: typeof import('./chromium.ts');
  /** Requests to other origins, and what the browser complains of. */
  const strayed: string[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    tools = await import('./chromium.ts');
    [stage, browser] = await Promise.all([startConsoleStage(), tools.openBrowser()]);
    await makeTraffic(stage, 3);
  }, START_MS_MAX);
  afterAll(async () => {
    await browser?.close();
    await stage?.stop();
  });
  const open = async (opening: Promise<BrowserContext>): Promise<void> => {
    window = await opening;
    page = await window.newPage();
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== stage.origin) strayed.push(request.url());
    });
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
  };
  beforeEach(() => open(tools.openWindow(browser, { scheme: 'light', width: 'wide' })));
  afterEach(async () => {
    await window.close();
    expect(strayed.splice(0)).toEqual([]);
    const isAnswer = /Failed to load resource: the server responded with a status of (?:4|5)\d\d/;
    expect(complaints.splice(0).filter((text) => !isAnswer.test(text))).toEqual([]);
  });

  return {
    get stage() {
      return stage;
    },
    get window() {
      return window;
    },
    get page() {
      return page;
    },
    go: (path: string) => page.goto(stage.origin + path),
    text: () => page.locator('main').innerText(),
    press: (name: string) => page.getByRole('button', { name, exact: true }).click(),
    signIn: (caller: keyof typeof CONSOLE_KEYS) => tools.signInAs(page, stage.origin, caller),
    /** Opens another window in place of the one of the test. */
    reopen: async (look: Look | 'no script') => {
      await window.close();
      await open(
        look === 'no script'
          ? browser.newContext({ javaScriptEnabled: false })
          : tools.openWindow(browser, look),
      );
    },
    barriers: () => barriersOn(page),
  };
}

/** Findings of axe that keep somebody from using a page. */
async function barriersOn(page: Page): Promise<string[]> {
  const axe = readFileSync(join(PACKAGES, 'axe-core/axe.min.js'), 'utf8');
  // Evaluated by the browser itself: the policy of the page forbids other scripts.
  await page.evaluate(axe);
  const found: unknown = await page.evaluate('axe.run().then(({ violations }) => violations)');
  const violations = found as { id: string; impact: string; nodes: { html: string }[] }[];
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${page.url()} ${id}: ${nodes[0]?.html}`);
}
