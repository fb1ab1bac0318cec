import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SEEDED_IDS } from '../../../adapters/nerm/sandbox/seeds.ts';
import { ROOT } from '../../support/child.ts';
import { NERM } from '../../support/profiles.ts';
import { CONSOLE_KEYS, type ConsoleStage, makeTraffic, startConsoleStage } from '../stage.ts';

/** The console in Debian's Chromium, before a gateway in a process of its own. */

const PACKAGES = join(ROOT, 'test/console/node_modules');
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const START_MS_MAX = 60_000;
const CENTRE = '4900';

function reasonToSkip(): string | undefined {
  const missing = existsSync(CHROMIUM)
    ? existsSync(PACKAGES)
      ? undefined
      : 'no packages here: npm ci --prefix test/console'
    : 'no chromium here: apt-get install chromium';
  if (missing === undefined) return undefined;
  const reason = `console in a browser: skipped (${missing})`;
  if (process.env.SKIP_REASONS) appendFileSync(process.env.SKIP_REASONS, `${reason}\n`);
  return reason;
}

const skipped = reasonToSkip();
if (skipped !== undefined) console.log(skipped);

describe.skipIf(skipped !== undefined)('the console in Chromium', () => {
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
  beforeEach(async () => {
    window = await tools.openWindow(browser, { scheme: 'light', width: 'wide' });
    page = await window.newPage();
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== stage.origin) strayed.push(request.url());
    });
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
  });
  afterEach(async () => {
    await window.close();
    expect(strayed.splice(0)).toEqual([]);
    const isAnswer = /Failed to load resource: the server responded with a status of (?:4|5)\d\d/;
    expect(complaints.splice(0).filter((text) => !isAnswer.test(text))).toEqual([]);
  });

  const go = (path: string) => page.goto(stage.origin + path);
  const text = () => page.locator('main').innerText();
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();

  /** Findings of axe that keep somebody from using the page. */
  async function barriers(): Promise<string[]> {
    const axe = readFileSync(join(PACKAGES, 'axe-core/axe.min.js'), 'utf8');
    // Evaluated by the browser itself: the policy of the page forbids other scripts.
    await page.evaluate(axe);
    const found: unknown = await page.evaluate('axe.run().then(({ violations }) => violations)');
    const violations = found as { id: string; impact: string; nodes: { html: string }[] }[];
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${page.url()} ${id}: ${nodes[0]?.html}`);
  }

  const VIEWS = [
    ['/console', 'Overview'],
    ['/console/targets/nerm-slow', 'nerm-slow'],
    ['/console/try', 'Try an id'],
    [`/console/routes?${new URLSearchParams({ ids: `${NERM}\nnobody:1` })}`, 'Routes'],
    ['/console/links', 'Links'],
    ['/console/receipts', 'Receipts'],
    ['/console/in-doubt', 'In doubt'],
    ['/console/replicas', 'Replicas'],
    ['/console/configuration', 'Configuration'],
  ] as const;

  test.each([
    { scheme: 'light', width: 'wide' },
    { scheme: 'dark', width: 'narrow' },
  ] as const)('each view opens, with no barrier: $scheme, $width', async (look) => {
    await window.close();
    window = await tools.openWindow(browser, look);
    page = await window.newPage();
    await go('/console/sign-in');
    const found = await barriers();
    await tools.signInAs(page, stage.origin, 'operations');
    for (const [path, title] of VIEWS) {
      await go(path);
      expect(await page.locator('h1').innerText()).toBe(title);
      found.push(...(await barriers()));
      const wide: unknown = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect([path, wide]).toEqual([path, 0]);
    }
    await page.goto(`${stage.origin}/console/receipts`);
    await page.locator('tbody a').first().click();
    found.push(...(await barriers()));
    expect(found).toEqual([]);
  });

  test('a wrong key, signing in, an expired session, signing out', async () => {
    await go('/console/receipts?outcome=applied');
    await page.getByLabel('Key or token').fill('pgw_key-of-nobody-00000001');
    await press('Sign in');
    expect(await text()).toContain('No caller has this key');
    await page.getByLabel('Key or token').fill(CONSOLE_KEYS.operations);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${stage.origin}/console/receipts?outcome=applied`);
    const cookies = await window.cookies();
    expect(cookies.map(({ httpOnly, sameSite }) => [httpOnly, sameSite])).toEqual([
      [true, 'Strict'],
    ]);
    expect(await page.evaluate('document.cookie')).toBe('');
    await window.clearCookies();
    await go('/console');
    expect(page.url()).toContain('/console/sign-in');
    await tools.signInAs(page, stage.origin, 'operations');
    await press('Sign out');
    await page.getByText('You have signed out').waitFor();
    await go('/console');
    expect(page.url()).toContain('/console/sign-in');
  });

  test('a form without the token of the session is refused', async () => {
    await tools.signInAs(page, stage.origin, 'operations');
    await go('/console/targets/nerm-demo');
    await page.evaluate(`document.querySelector('form[action$="/drain"] [name=csrf]').value = 'x'`);
    await press('Drain');
    expect(await text()).toContain('The form was refused');
    await go('/console/targets/nerm-demo');
    expect(await page.locator('[data-live$=".mode"]').innerText()).toBe('active');
  });

  test('who only looks is offered nothing to do', async () => {
    await tools.signInAs(page, stage.origin, 'watcher');
    for (const [path] of VIEWS) {
      await go(path);
      const forms: unknown = await page.evaluate(
        `[...document.querySelectorAll('form[method=post]')].map(({ action }) => action)`,
      );
      expect([path, forms]).toEqual([path, [`${stage.origin}/console/sign-out`]]);
    }
  });

  test('a write is explained and sent', async () => {
    await tools.signInAs(page, stage.origin, 'operations');
    await go(`/console/try?${new URLSearchParams({ id: NERM })}`);
    const patch = JSON.stringify({ attributes: { cost_centre: CENTRE } });
    await page.getByLabel('JSON Merge Patch').fill(patch);
    await press('Explain');
    await page.getByRole('heading', { name: 'Before and after' }).waitFor();
    const row = page.getByRole('row', { name: '/attributes/cost_centre' });
    expect(await row.innerText()).toContain(`"${CENTRE}"`);
    expect(await barriers()).toEqual([]);
    await press('Send it');
    await page.getByText('The patch is applied').waitFor();
    await page.getByRole('link', { name: 'See its receipt' }).click();
    await page.getByRole('heading', { name: 'Timeline' }).waitFor();
    expect(await text()).toContain('operations');
  });

  test('a target is drained, which other pages show by themselves, and taken back', async () => {
    await tools.signInAs(page, stage.origin, 'operations');
    const other = await window.newPage();
    await other.goto(`${stage.origin}/console`);
    const mode = other.locator('[data-live="target.iam-demo.mode"]');
    expect(await mode.innerText()).toBe('active');
    await go('/console/targets/iam-demo');
    await page.getByLabel('Reason').fill('ticket 4711: maintenance');
    await press('Drain');
    expect(await text()).toContain('ticket 4711: maintenance');
    await other.locator('[data-live="target.iam-demo.mode"]', { hasText: 'drained' }).waitFor();
    await press('Take it back into service');
    expect(await text()).toContain('The target serves again');
    await other.locator('[data-live="target.iam-demo.mode"]', { hasText: 'active' }).waitFor();
  });

  test('without callers forms are sent too', async () => {
    const open = await startConsoleStage(undefined, { callers: undefined });
    try {
      const own = await window.newPage();
      await own.goto(`${open.origin}/console/targets/iam-demo`);
      await own.getByRole('button', { name: 'Drain', exact: true }).click();
      await own.getByText('The target is drained').waitFor();
    } finally {
      await open.stop();
    }
  });

  test('a link is set and removed, an import tried and carried out', async () => {
    await tools.signInAs(page, stage.origin, 'operations');
    await go('/console/links');
    await page.locator('#set-id').fill('emp-42');
    await page.getByLabel('Targets, one per line').fill(NERM.replace(':', ': '));
    await press('Set the link');
    expect(await text()).toContain('The link is set');
    await page.getByText('Remove…').click();
    await press('Remove the link');
    expect(await text()).toContain('This id has no link');
    const [target = '', upstreamId = ''] = NERM.split(':');
    const line = JSON.stringify({ id: 'emp-43', targets: { [target]: upstreamId } });
    await page.setInputFiles('#file', { name: 'a', mimeType: '', buffer: Buffer.from(line) });
    expect(await page.getByLabel('Lines, up to').inputValue()).toBe(line);
    await press('Try it');
    expect(await text()).toContain('this is what the import would do');
    await press('Import');
    await page.getByText('The links are imported').waitFor();
    await go('/console/links?id=emp-43');
    expect(await text()).toContain(upstreamId);
  });

  test('a mark of doubt is lifted', async () => {
    await tools.signInAs(page, stage.origin, 'operations');
    const profile = `nerm-slow:${SEEDED_IDS.computedName}`;
    expect(await stage.patch(profile, { attributes: { cost_centre: CENTRE } })).toBe(504);
    await go(`/console/in-doubt?${new URLSearchParams({ profile })}`);
    await page.getByText('Lift…').click();
    await page.getByLabel('Reason').fill('ticket 4711: the vendor has dropped it');
    await press('Lift the mark');
    await page.getByText('The mark is lifted').waitFor();
    await go(`/console/in-doubt?${new URLSearchParams({ profile })}`);
    expect(await text()).toContain('This profile is not in doubt');
  });

  test('times are local and exact, and lines for a terminal are copied', async () => {
    await window.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: stage.origin });
    await tools.signInAs(page, stage.origin, 'operations');
    await go('/console/configuration');
    const time = page.locator('time').first();
    expect(await time.innerText()).toMatch(/ (?:CET|CEST|GMT\+[12])$/);
    expect(await time.getAttribute('title')).toMatch(/Z$/);
    await page.getByText('This page as a request of the API').click();
    await press('Copy');
    await page.getByText('Copied').waitFor();
    const copied: unknown = await page.evaluate('navigator.clipboard.readText()');
    expect(copied).toBe(
      `curl -H "Authorization: Bearer $ADMIN_KEY" '${stage.origin}/admin/config'`,
    );
  });

  test('the keyboard reaches everything in order, beginning with the content', async () => {
    await tools.signInAs(page, stage.origin, 'operations');
    await go('/console/routes');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content');
    const outline = `getComputedStyle(document.activeElement).outlineStyle`;
    await page.keyboard.press('Tab');
    expect(await page.evaluate(outline)).toBe('solid');
  });

  test('every page works without its script', async () => {
    await window.close();
    window = await browser.newContext({ javaScriptEnabled: false });
    page = await window.newPage();
    await tools.signInAs(page, stage.origin, 'operations');
    await go('/console/targets/naver-demo');
    await press('Drain');
    expect(await text()).toContain('The target is drained');
    expect(await text()).toMatch(/Drained since\s+[-\d]+ [:\d]+ UTC/);
    await press('Take it back into service');
    expect(await text()).toContain('The target serves again');
  });
});
