import { describe, expect, test } from 'vitest';
import { SEEDED_IDS } from '../../../adapters/nerm/sandbox/seeds.ts';
import { NERM } from '../../support/profiles.ts';
import { CONSOLE_KEYS, startConsoleStage } from '../stage.ts';
import { consoleInBrowser, reasonToSkipBrowser } from './suite.ts';

/** The console in Debian's Chromium, before a gateway in a process of its own. */

const CENTRE = '4900';

describe.skipIf(reasonToSkipBrowser() !== undefined)('the console in Chromium', () => {
  const at = consoleInBrowser();
  const { barriers, go, press, signIn, text } = at;

  const VIEWS = [
    ['/console', 'Overview'],
    ['/console/targets/nerm-slow', 'nerm-slow'],
    ['/console/targets/nerm-demo/profiles', 'Profiles of nerm-demo'],
    ['/console/try', 'Try an id'],
    [`/console/routes?${new URLSearchParams({ ids: `${NERM}\nnobody:1` })}`, 'Routes'],
    ['/console/links', 'Links'],
    ['/console/matches', 'Matching'],
    ['/console/receipts', 'Receipts'],
    ['/console/in-doubt', 'In doubt'],
    ['/console/replicas', 'Replicas'],
    ['/console/configuration', 'Configuration'],
  ] as const;

  test.each([
    { scheme: 'light', width: 'wide' },
    { scheme: 'dark', width: 'narrow' },
  ] as const)('each view opens, with no barrier: $scheme, $width', async (look) => {
    await at.reopen(look);
    await go('/console/sign-in');
    const found = await barriers();
    await signIn('operations');
    for (const [path, title] of VIEWS) {
      await go(path);
      expect(await at.page.locator('h1').innerText()).toBe(title);
      found.push(...(await barriers()));
      const wide: unknown = await at.page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect([path, wide]).toEqual([path, 0]);
    }
    await at.page.goto(`${at.stage.origin}/console/receipts`);
    await at.page.locator('tbody a').first().click();
    found.push(...(await barriers()));
    expect(found).toEqual([]);
  });

  test('a wrong key, signing in, an expired session, signing out', async () => {
    await go('/console/receipts?outcome=applied');
    await at.page.getByLabel('Key or token').fill('pgw_key-of-nobody-00000001');
    await press('Sign in');
    expect(await text()).toContain('No caller has this key');
    await at.page.getByLabel('Key or token').fill(CONSOLE_KEYS.operations);
    await at.page.keyboard.press('Enter');
    await at.page.waitForURL(`${at.stage.origin}/console/receipts?outcome=applied`);
    const cookies = await at.window.cookies();
    expect(cookies.map(({ httpOnly, sameSite }) => [httpOnly, sameSite])).toEqual([
      [true, 'Strict'],
    ]);
    expect(await at.page.evaluate('document.cookie')).toBe('');
    await at.window.clearCookies();
    await go('/console');
    expect(at.page.url()).toContain('/console/sign-in');
    await signIn('operations');
    await press('Sign out');
    await at.page.getByText('You have signed out').waitFor();
    await go('/console');
    expect(at.page.url()).toContain('/console/sign-in');
  });

  test('a form without the token of the session is refused', async () => {
    await signIn('operations');
    await go('/console/targets/nerm-demo');
    await at.page.evaluate(
      `document.querySelector('form[action$="/drain"] [name=csrf]').value = 'x'`,
    );
    await press('Drain');
    expect(await text()).toContain('The form was refused');
    await go('/console/targets/nerm-demo');
    expect(await at.page.locator('[data-live$=".mode"]').innerText()).toBe('active');
  });

  test('who only looks is offered nothing to do', async () => {
    await signIn('watcher');
    for (const [path] of VIEWS) {
      await go(path);
      const forms: unknown = await at.page.evaluate(
        `[...document.querySelectorAll('form[method=post]')].map(({ action }) => action)`,
      );
      expect([path, forms]).toEqual([path, [`${at.stage.origin}/console/sign-out`]]);
    }
  });

  test('a write is explained and sent', async () => {
    await signIn('operations');
    await go(`/console/try?${new URLSearchParams({ id: NERM })}`);
    const patch = JSON.stringify({ attributes: { cost_centre: CENTRE } });
    await at.page.getByLabel('JSON Merge Patch').fill(patch);
    await press('Explain');
    await at.page.getByRole('heading', { name: 'Before and after' }).waitFor();
    const row = at.page.getByRole('row', { name: '/attributes/cost_centre' });
    expect(await row.innerText()).toContain(`"${CENTRE}"`);
    expect(await barriers()).toEqual([]);
    await press('Send it');
    await at.page.getByText('The patch is applied').waitFor();
    await at.page.getByRole('link', { name: 'See its receipt' }).click();
    await at.page.getByRole('heading', { name: 'Timeline' }).waitFor();
    expect(await text()).toContain('operations');
  });

  test('a target is drained, which other pages show by themselves, and taken back', async () => {
    await signIn('operations');
    const other = await at.window.newPage();
    await other.goto(`${at.stage.origin}/console`);
    const mode = other.locator('[data-live="target.iam-demo.mode"]');
    expect(await mode.innerText()).toBe('active');
    await go('/console/targets/iam-demo');
    await at.page.getByLabel('Reason').fill('ticket 4711: maintenance');
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
      const own = await at.window.newPage();
      await own.goto(`${open.origin}/console/targets/iam-demo`);
      await own.getByRole('button', { name: 'Drain', exact: true }).click();
      await own.getByText('The target is drained').waitFor();
    } finally {
      await open.stop();
    }
  });

  test('a link is set and removed, an import tried and carried out', async () => {
    await signIn('operations');
    await go('/console/links');
    await at.page.locator('#set-id').fill('emp-42');
    await at.page.getByLabel('Targets, one per line').fill(NERM.replace(':', ': '));
    await press('Set the link');
    expect(await text()).toContain('The link is set');
    await at.page.getByText('Remove…').click();
    await press('Remove the link');
    expect(await text()).toContain('This id has no link');
    const [target = '', upstreamId = ''] = NERM.split(':');
    const line = JSON.stringify({ id: 'emp-43', targets: { [target]: upstreamId } });
    await at.page.setInputFiles('#file', { name: 'a', mimeType: '', buffer: Buffer.from(line) });
    await expect.poll(() => at.page.getByLabel('Lines, up to').inputValue()).toBe(line);
    await press('Try it');
    expect(await text()).toContain('this is what the import would do');
    await press('Import');
    await at.page.getByText('The links are imported').waitFor();
    await go('/console/links?id=emp-43');
    expect(await text()).toContain(upstreamId);
  });

  test('a mark of doubt is lifted', async () => {
    await signIn('operations');
    const profile = `nerm-slow:${SEEDED_IDS.computedName}`;
    expect(await at.stage.patch(profile, { attributes: { cost_centre: CENTRE } })).toBe(504);
    await go(`/console/in-doubt?${new URLSearchParams({ profile })}`);
    await at.page.getByText('Lift…').click();
    await at.page.getByLabel('Reason').fill('ticket 4711: the vendor has dropped it');
    await press('Lift the mark');
    await at.page.getByText('The mark is lifted').waitFor();
    await go(`/console/in-doubt?${new URLSearchParams({ profile })}`);
    expect(await text()).toContain('This profile is not in doubt');
  });

  test('times are local and exact, and lines for a terminal are copied', async () => {
    await at.window.grantPermissions(['clipboard-read', 'clipboard-write'], {
      origin: at.stage.origin,
    });
    await signIn('operations');
    await go('/console/configuration');
    const time = at.page.locator('time').first();
    expect(await time.innerText()).toMatch(/ (?:CET|CEST|GMT\+[12])$/);
    expect(await time.getAttribute('title')).toMatch(/Z$/);
    await at.page.getByText('This page as a request of the API').click();
    await press('Copy');
    await at.page.getByText('Copied').waitFor();
    const copied: unknown = await at.page.evaluate('navigator.clipboard.readText()');
    expect(copied).toBe(
      `curl -H "Authorization: Bearer $ADMIN_KEY" '${at.stage.origin}/admin/config'`,
    );
  });

  test('the keyboard reaches everything in order, beginning with the content', async () => {
    await signIn('operations');
    await go('/console/routes');
    await at.page.keyboard.press('Tab');
    expect(await at.page.evaluate('document.activeElement.textContent')).toBe('Skip to content');
    const outline = `getComputedStyle(document.activeElement).outlineStyle`;
    await at.page.keyboard.press('Tab');
    expect(await at.page.evaluate(outline)).toBe('solid');
  });

  test('every page works without its script', async () => {
    await at.reopen('no script');
    await signIn('operations');
    await go('/console/targets/naver-demo');
    await press('Drain');
    expect(await text()).toContain('The target is drained');
    expect(await text()).toMatch(/Drained since\s+[-\d]+ [:\d]+ UTC/);
    await press('Take it back into service');
    expect(await text()).toContain('The target serves again');
  });
});
