import { describe, expect, test } from 'vitest';
import { consoleInBrowser, reasonToSkipBrowser } from './suite.ts';

/** Lists of profiles and links by matching, in Debian's Chromium. */

const SENLIN_LIST = '/console/targets/senlin-demo/profiles';

describe.skipIf(reasonToSkipBrowser() !== undefined)('profiles and matching in Chromium', () => {
  const at = consoleInBrowser();
  const { barriers, go, press, signIn, text } = at;

  /** Starts a run by the form of the page, and waits until its page says that it is over. */
  async function match(): Promise<void> {
    await go('/console/matches');
    await at.page.getByLabel('First target', { exact: true }).selectOption('senlin-demo');
    await at.page.getByLabel('Second target', { exact: true }).selectOption('naver-demo');
    await at.page.getByLabel('Pages a second, at most').fill('50');
    await press('Start the run');
    await at.page.getByText('The run has begun').waitFor();
    const over = at.page.getByRole('link', { name: 'Its state has changed: look again' });
    const ready = at.page.locator('[data-live$=".state"]', { hasText: 'ready' });
    await ready.waitFor();
    if (await over.isVisible()) await over.click();
    await at.page.getByText('Decide about all that are unique').waitFor();
  }

  test('a list is filtered, its address can be sent, and an item leads to trying its id', async () => {
    await signIn('operations');
    await go('/console/targets/senlin-demo');
    await at.page.getByRole('link', { name: 'List its profiles' }).click();
    await at.page.getByLabel('name', { exact: true }).fill('Noa Lindqvist');
    await at.page.keyboard.press('Enter');
    await at.page.waitForURL(/name=Noa\+Lindqvist/);
    const { pathname, search } = new URL(at.page.url());
    expect(pathname).toBe(SENLIN_LIST);
    expect(await at.page.locator('tbody tr').count()).toBe(1);
    await go(pathname + search);
    expect(await text()).toContain('Noa Lindqvist');
    expect(await barriers()).toEqual([]);
    await at.page.locator('tbody a').first().click();
    await at.page.waitForURL(/\/console\/try\?id=senlin-demo/);
    expect(await at.page.getByLabel('Id', { exact: true }).inputValue()).toMatch(/^senlin-demo:/);
  });

  test.each([
    { scheme: 'light', width: 'wide' },
    { scheme: 'dark', width: 'narrow' },
  ] as const)('a run is followed as it goes, with no barrier: $scheme, $width', async (look) => {
    await at.reopen(look);
    await signIn('operations');
    await match();
    expect(await barriers()).toEqual([]);
    await at.page.getByRole('link', { name: 'ambiguous', exact: true }).click();
    await at.page.getByText('Decide…').first().click();
    expect(await barriers()).toEqual([]);
    const wide: unknown = await at.page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    expect(wide).toBe(0);
    await go('/console/matches');
    expect(await barriers()).toEqual([]);
  });

  test('one is confirmed by keys alone, one refused, and then all that are unique', async () => {
    await signIn('operations');
    await match();
    await at.page.getByRole('link', { name: 'unique', exact: true }).click();
    await at.page.getByText('Decide…').first().focus();
    await at.page.keyboard.press('Enter');
    const link = at.page.getByLabel('Id of the new link').first();
    await at.page.keyboard.press('Tab');
    expect(await link.evaluate((field) => field === field.ownerDocument.activeElement)).toBe(true);
    await at.page.keyboard.type('emp-200');
    await at.page.keyboard.press('Tab');
    await at.page.keyboard.type('ticket 4711');
    await at.page.keyboard.press('Tab');
    await at.page.keyboard.press('Enter');
    await at.page.getByText('Confirmed: 1').waitFor();
    await at.page.getByText('Decide…').first().click();
    await press('Refuse');
    await at.page.getByText('Refused: 1').waitFor();
    await at.page.getByText('Decide about all that are unique').click();
    await press('Confirm all');
    await at.page.getByText(/Confirmed: [1-9]/).waitFor();
    await at.page.getByRole('link', { name: 'See its receipt' }).click();
    expect(await text()).toContain('operations');
    await go('/console/links?id=emp-200');
    expect(await text()).toContain('naver-demo');
  });

  test('who only looks sees the runs, and words in place of profiles', async () => {
    await signIn('watcher');
    await go('/console/matches');
    await at.page.locator('tbody a').first().click();
    expect(await text()).toContain('Deciding, stopping and resuming need the scope');
    expect(await at.page.getByRole('button').count()).toBe(1);
    await go(SENLIN_LIST);
    expect(await text()).toContain('You may not see profiles here');
    expect(await barriers()).toEqual([]);
  });
});
