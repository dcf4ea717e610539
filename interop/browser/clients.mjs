// What every script with browsers needs: a way in, a page with the unchanged client, and waiting for what it sees.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { inPage } from './page.mjs';

export const DEADLINE = 60_000;
export const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required',
];

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token of an API key: for a room that it opens, unless other rights are named. */
export function tokenFor({ key, secret, room }, identity, video = { roomJoin: true, room }) {
  const exp = Math.floor(Date.now() / 1000) + 600;
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ iss: key, sub: identity, name: identity, exp, video })}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

export function ok(text) {
  console.log(`ok  ${text}`);
}

/** Serves the page that the clients run in, from an address that may use a camera; `client` is the name of a package. */
export async function servePage(client = 'livekit-client') {
  const require = createRequire(import.meta.url);
  const library = readFileSync(require.resolve(client));
  const server = createServer((request, response) => {
    const script = request.url === '/livekit.js';
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html');
    response.end(script ? library : '<!doctype html><title>interop</title><script src="/livekit.js"></script>');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { server, address: `http://127.0.0.1:${server.address().port}/` };
}

/** A page with the client; `before` runs in it before anything else, and the client's room is made with `options`. */
export async function open(browser, address, before, options) {
  const page = await browser.newPage();
  page.setDefaultTimeout(DEADLINE);
  page.on('pageerror', (error) => console.error('page error', error));
  if (process.env.VERBOSE) page.on('console', (line) => console.error(line.text()));
  if (before) await page.addInitScript(before);
  await page.goto(address);
  await page.evaluate(inPage, options);
  return page;
}

/** Waits in a page until `probe` is true of what it can see. */
export async function until(page, what, probe, argument) {
  try {
    await page.waitForFunction(probe, argument, { timeout: DEADLINE, polling: 200 });
  } catch (error) {
    const seen = await page.evaluate(() => window.kit.describe());
    throw new Error(`${what}: never came; the page sees ${JSON.stringify(seen)}`, { cause: error });
  }
}
