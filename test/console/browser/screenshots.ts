import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { CLI, ROOT } from '../../support/child.ts';
import { NERM } from '../../support/profiles.ts';
import { type ConsoleStage, makeTraffic, startConsoleStage } from '../stage.ts';
import { browserMissing, type Look, openBrowser, openWindow, signInAs } from './chromium.ts';

/** `npm run screenshots`: pictures of each view for `docs/images/`. */

const FOLDER = process.argv[2] ?? join(ROOT, 'docs/images');
/** Time in which the clock of the gateway gains an hour. */
const HOUR_MS = 30_000;

const LOOKS: readonly Look[] = [
  { scheme: 'light', width: 'wide' },
  { scheme: 'dark', width: 'wide' },
  { scheme: 'light', width: 'narrow' },
  { scheme: 'dark', width: 'narrow' },
];

type Shot = readonly [name: string, path: string, then?: (page: Page) => Promise<void>];

async function explain(page: Page): Promise<void> {
  await page.getByLabel('Id', { exact: true }).fill(NERM);
  const patch = { status: 'on_leave', attributes: { cost_centre: '4800' } };
  await page.getByLabel('JSON Merge Patch').fill(JSON.stringify(patch, undefined, 2));
  await page.getByRole('button', { name: 'Explain' }).click();
  await page.getByRole('heading', { name: 'Explanation' }).waitFor();
}

async function openReceipt(page: Page): Promise<void> {
  await page.locator('tbody a').first().click();
  await page.getByRole('heading', { name: 'Timeline' }).waitFor();
}

/** Starts a run, or opens the one that is there. */
async function openRun(page: Page): Promise<void> {
  if ((await page.locator('tbody a').count()) === 0) {
    await page.getByLabel('First target', { exact: true }).selectOption('senlin-demo');
    await page.getByLabel('Second target', { exact: true }).selectOption('naver-demo');
    await page.getByRole('button', { name: 'Start the run' }).click();
    await page.locator('[data-live$=".state"]', { hasText: 'ready' }).waitFor();
    await page.goto(new URL('/console/matches', page.url()).href);
  }
  await page.locator('tbody a').first().click();
  await page.getByRole('heading', { name: 'Candidates' }).waitFor();
  await page.getByText('Decide…').first().click();
}

const SHOTS: readonly Shot[] = [
  ['target', '/console/targets/nerm-slow'],
  ['try', '/console/try', explain],
  [
    'routes',
    `/console/routes?${new URLSearchParams({ ids: `emp-17\nproj-4711\n${NERM}\nnobody:1` })}`,
  ],
  ['links', '/console/links'],
  ['profiles', '/console/targets/senlin-demo/profiles'],
  ['match', '/console/matches', openRun],
  ['matches', '/console/matches'],
  ['receipts', '/console/receipts'],
  ['receipt', '/console/receipts?outcome=applied', openReceipt],
  ['in-doubt', '/console/in-doubt'],
  ['replicas', '/console/replicas'],
  ['configuration', '/console/configuration'],
];

const OVERVIEW: readonly Shot[] = [
  ['overview', '/console', async (page) => page.getByText('Live', { exact: true }).waitFor()],
];

/** Takes pictures at a gateway in every look. */
async function shoot({ origin }: ConsoleStage, shots: readonly Shot[]): Promise<void> {
  const browser = await openBrowser();
  try {
    for (const look of LOOKS) {
      const window = await openWindow(browser, look);
      const page = await window.newPage();
      const take = (name: string) =>
        page.screenshot({ path: join(FOLDER, `console-${name}-${look.scheme}-${look.width}.png`) });
      await page.goto(`${origin}/console/sign-in`);
      await take('sign-in');
      await signInAs(page, origin, 'operations');
      for (const [name, path, then] of shots) {
        await page.goto(origin + path);
        await then?.(page);
        await take(name);
      }
      await window.close();
    }
  } finally {
    await browser.close();
  }
}

/** The overview of a whole hour. A state has a clock of its own, so this gateway has none. */
async function shootOverview(): Promise<void> {
  const fastClock = fileURLToPath(new URL('fast-clock.ts', import.meta.url));
  const stage = await startConsoleStage(['--import', fastClock, CLI], { state: undefined });
  try {
    const untilMs = performance.now() + HOUR_MS;
    for (let i = 1; performance.now() < untilMs; i += 1) {
      const rounds = 2 + Math.round(3 * (1 + Math.sin(i / 6)) + 2 * Math.random());
      await makeTraffic(stage, rounds, i % 9 === 0);
      await delay(150);
    }
    await shoot(stage, OVERVIEW);
  } finally {
    await stage.stop();
  }
}

async function shootOthers(): Promise<void> {
  const stage = await startConsoleStage();
  try {
    await makeTraffic(stage, 5);
    await shoot(stage, SHOTS);
  } finally {
    await stage.stop();
  }
}

const missing = browserMissing();
if (missing !== undefined) {
  process.stderr.write(`${missing}\n`);
  process.exit(1);
}
mkdirSync(FOLDER, { recursive: true });
await shootOverview();
await shootOthers();
