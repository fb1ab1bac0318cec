import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { CONSOLE_KEYS } from '../stage.ts';

/** Debian's browser; tests download none. */
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Says in one line what is missing to run a browser; undefined: nothing is. */
export function browserMissing(): string | undefined {
  if (existsSync(CHROMIUM)) return undefined;
  return 'console in a browser: skipped (no chromium here: apt-get install chromium)';
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update'],
  });
}

export type Look = {
  readonly scheme: 'light' | 'dark';
  readonly width: 'wide' | 'narrow';
};

const SIZES = { wide: { width: 1280, height: 860 }, narrow: { width: 390, height: 844 } };

/** Opens a window that looks as `look` says. */
export function openWindow(browser: Browser, { scheme, width }: Look): Promise<BrowserContext> {
  return browser.newContext({
    colorScheme: scheme,
    viewport: SIZES[width],
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
  });
}

/** Signs in on the page for it. */
export async function signInAs(
  page: Page,
  origin: string,
  caller: keyof typeof CONSOLE_KEYS,
): Promise<void> {
  await page.goto(`${origin}/console/sign-in`);
  await page.getByLabel('Key or token').fill(CONSOLE_KEYS[caller]);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${origin}/console`);
}
