// Kloud's own room while somebody goes from one network to another, as a phone does at the door of a house, and through
// places without any.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { ask, settle } from '../../../web/e2e/stage/instance.mjs';
import { button, openBrowser, person } from '../../../web/e2e/stage/people.mjs';
import { cable, chromiumIn, plug, PORT, run } from './stage.mjs';

/** The longest silence that counts as going on: to notice, to move, and to hear again. */
const SILENCE = 3_000;

async function relay(namespace, host) {
  const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, new URL('relay.mjs', import.meta.url).pathname, PORT, host]);
  await new Promise((done, fail) => {
    child.stdout.once('data', done);
    child.once('exit', () => fail(new Error('the relay has ended')));
  });
  return child;
}

async function enter(namespace, number) {
  const { script, folder } = chromiumIn(namespace);
  const [way, browser] = await Promise.all([relay(namespace, `10.7.${number}.1`), openBrowser({ executablePath: script })]);
  const { page } = await person(browser, `http://localhost:${PORT}`);
  const leave = async () => {
    await browser.close();
    way.kill();
    rmSync(folder, { recursive: true });
  };
  return { page, leave };
}

const inRoom = (page) => page.getByRole('navigation', { name: 'Meeting controls' }).waitFor();
const heard = (page) => page.evaluate(() => window.heard().then(({ audioPackets }) => audioPackets));

async function turnOn(page) {
  await button(page, 'Turn on microphone').click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Turn on microphone' }).click();
  await button(page, 'Turn off microphone').waitFor();
}

async function hears(page, more, within = 30_000) {
  const began = Date.now();
  const before = await heard(page);
  for (let now = before; now <= before + more; now = await heard(page)) {
    if (Date.now() - began > within) throw new Error(`${now - before} packets of sound in ${within} ms`);
  }
}

/** A host at the first cable and a guest at the fourth, in a meeting of Kloud's own pages, heard by each other. */
export async function ownRoom(kloud) {
  const host = await enter('anna', 1);
  const guest = await enter('dora', 4);
  await settle(host.page, (await kloud.words).replace(/http:\/\/[^/]+/, `http://localhost:${PORT}`), 'Maya');
  const { code } = await ask(host.page, 'POST', '/api/meetings', { admission: 'link' });
  await host.page.goto(`http://localhost:${PORT}/m/${code}`);
  await guest.page.goto(`http://localhost:${PORT}/m/${code}`);
  await guest.page.getByRole('textbox', { name: 'Your name' }).fill('Dora');
  for (const { page } of [host, guest]) {
    await button(page, 'Join with everything off').click();
    await inRoom(page);
    await turnOn(page);
  }
  await Promise.all([hears(host.page, 50), hears(guest.page, 50)]);
  return {
    move: () => move(host.page, guest.page),
    cut: (seconds) => cut(host.page, guest.page, seconds),
    leave: () => Promise.all([host.leave(), guest.leave()]),
  };
}

/** Answers how long one who moves hears nothing, in milliseconds. */
async function move(host, guest) {
  // The second network is there before the first is gone.
  cable('dora2', 14, 'dora');
  plug('dora2', 14, 'dora', 20);
  await hears(guest, 100);
  run('ip -n dora link set cdora down');
  const gone = Date.now();
  await hears(guest, 10, SILENCE);
  const silence = Date.now() - gone;
  await hears(host, 25, SILENCE);
  await button(guest, 'Turn off microphone').waitFor();
  return silence;
}

/** One sees what is being done and keeps the room; what was on is on again. Answers the milliseconds that it took. */
async function cut(host, guest, seconds) {
  run('ip link set sdora2 down');
  const over = new Promise((done) => setTimeout(done, seconds * 1000));
  await guest.getByText('your place is kept').waitFor();
  await over;
  await inRoom(guest);
  run('ip link set sdora2 up');
  const began = Date.now();
  await Promise.all([hears(guest, 10), hears(host, 25)]);
  const took = Date.now() - began;
  await guest.getByText('your place is kept').waitFor({ state: 'detached' });
  await button(guest, 'Turn off microphone').waitFor();
  const dora = host.locator('[data-identity]').filter({ hasText: 'Dora' });
  if ((await dora.count()) !== 1) throw new Error(`the guest is there ${await dora.count()} times`);
  return took;
}
