// The stage of the network tests: the server and three clients, each behind a cable of its own that can be cut, narrowed
// or filtered. Everything lives in a network namespace of this process and is gone with it.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHmac } from 'node:crypto';
import { chromium } from 'playwright-core';
import { inPage } from '../page.mjs';

export const PORT = 7878;
const DEADLINE = 30_000;
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--use-fake-device-for-media-stream=fps=20',
  '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required',
  '--disable-features=LocalNetworkAccessChecks',
];

export function run(words, input) {
  const [program, ...rest] = words.split(' ');
  return execFileSync(program, rest, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'] });
}

/** What the addresses begin with. */
let begins = '10.7';

/** A cable from the server to a namespace; the server has the address `10.7.N.1` on it, the client `10.7.N.2`. */
export function cable(name, number, namespace = name) {
  run(`ip link add s${name} type veth peer name c${name} netns ${namespace}`);
  run(`ip addr add ${begins}.${number}.1/24 dev s${name}`);
  run(`ip link set s${name} up`);
  run(`ip -n ${namespace} link set c${name} up`);
}

/** Gives a client its address on a cable; the way is there before the address, so that whoever sees it can use it. */
export function plug(name, number, namespace = name, metric = 10) {
  run(`ip -n ${namespace} route add default via ${begins}.${number}.1 dev c${name} onlink metric ${metric}`);
  run(`ip -n ${namespace} addr add ${begins}.${number}.2/24 dev c${name}`);
}

/** A cable like the others, on which every packet takes so long each way, and of a hundred so many are lost each way. */
export async function longCable(name, number, milliseconds, lost) {
  const line = `${name}-line`;
  for (const namespace of [name, line]) {
    run(`ip netns add ${namespace}`);
    run(`ip -n ${namespace} link set lo up`);
  }
  cable(name, number, line);
  run(`ip -n ${line} link add far type veth peer name c${name} netns ${name}`);
  run(`ip -n ${line} link set far up`);
  run(`ip -n ${name} link set c${name} up gso_max_segs 1`);
  run(`ip link set s${name} gso_max_segs 1`);
  plug(name, number);
  const program = new URL('delay.py', import.meta.url).pathname;
  const words = ['netns', 'exec', line, 'python3', program, milliseconds, lost, `c${name}`, 'far'];
  const delay = spawn('ip', words, { stdio: ['pipe', 'pipe', 'inherit'] });
  await new Promise((done, fail) => {
    delay.stdout.once('data', done);
    delay.once('exit', () => fail(new Error('the long line has ended')));
  });
}

/** Rules for what the server sends to and takes from the clients; empty for none. */
export function filter(rules) {
  run('nft -f -', `add table inet test\ndelete table inet test\n${rules && `table inet test {\n${rules}\n}`}\n`);
}

/** All of them; addresses may begin with something else. */
export function network(names, beginning = begins) {
  begins = beginning;
  run('ip link set lo up');
  names.forEach((name, at) => {
    run(`ip netns add ${name}`);
    run(`ip -n ${name} link set lo up`);
    cable(name, at + 1);
    plug(name, at + 1);
  });
}

/** A Kloud that listens everywhere; `configure` may write a configuration of its own into the data folder. */
export async function server(binary, { port = PORT, listen = '0.0.0.0', configure = () => {} } = {}) {
  const data = mkdtempSync(join(tmpdir(), 'kloud-network-'));
  configure(data);
  const env = { ...process.env, KLOUD_MEDIA__PORT: port === PORT ? '7882' : `${port}` };
  // What the server says, for whoever looks for a fault.
  const said = process.env.SERVER_LOG ? openSync(process.env.SERVER_LOG, 'w') : 'ignore';
  const start = () => spawn(binary, ['serve', '--data', data, '--listen', `${listen}:${port}`], { env, stdio: ['ignore', 'pipe', said] });
  let child = start();
  const words = new Promise((done) => {
    let said = '';
    child.stdout.on('data', (text) => {
      said += text;
      if (/https?:\/\/\S+\n/.test(said)) done(said);
    });
  });
  await listening(port);
  const config = readFileSync(join(data, 'kloud.toml'), 'utf8');
  const value = (name) => config.match(new RegExp(`^${name} = "(.*)"$`, 'm'))[1];
  const part = (words) => Buffer.from(JSON.stringify(words)).toString('base64url');
  const ended = (signal) =>
    new Promise((done) => {
      child.once('exit', done);
      child.kill(signal);
    });
  return {
    /** What it says at its first start: where to set it up. */
    words,
    token(room, identity) {
      const video = { roomJoin: true, room };
      const exp = Math.floor(Date.now() / 1000) + 600;
      const claims = { iss: value('key'), sub: identity, name: identity, exp, video };
      const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
      return `${signed}.${createHmac('sha256', value('secret')).update(signed).digest('base64url')}`;
    },
    async restart() {
      await ended('SIGTERM');
      child = start();
      child.stdout.resume();
      await listening(port);
    },
    async end() {
      await ended('SIGKILL');
      rmSync(data, { recursive: true, force: true });
    },
  };
}

async function listening(port) {
  for (let tries = 0; tries < 300; tries += 1) {
    const open = await new Promise((done) => {
      const socket = connect(port, '127.0.0.1', () => done(true)).on('error', () => done(false));
      socket.on('close', () => socket.destroy());
      setTimeout(() => socket.destroy(), 100);
    });
    if (open) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error('the server does not listen');
}

/** A program that is Chromium inside a namespace, and the folder to remove after it. */
export function chromiumIn(namespace) {
  const folder = mkdtempSync(join(tmpdir(), 'kloud-chromium-'));
  const script = join(folder, 'chromium');
  const program = process.env.CHROMIUM ?? '/usr/bin/chromium';
  writeFileSync(script, `#!/bin/sh\nexec ip netns exec ${namespace} ${program} "$@"\n`);
  chmodSync(script, 0o755);
  return { script, folder };
}

/** A browser inside a namespace. */
export async function browser(namespace, ...more) {
  const { script, folder } = chromiumIn(namespace);
  const browser = await chromium.launch({ executablePath: script, args: [...FLAGS, ...more] });
  browser.on('disconnected', () => rmSync(folder, { recursive: true, force: true }));
  return browser;
}

/** A page with a room of livekit-client in it. It is given, not fetched, so no network is needed for it. */
export async function open(browser, options = {}) {
  const library = readFileSync(createRequire(import.meta.url).resolve('livekit-client'), 'utf8');
  const page = await browser.newPage();
  page.setDefaultTimeout(DEADLINE);
  page.on('pageerror', (error) => console.error('page error', error));
  if (process.env.VERBOSE) page.on('console', (line) => console.error(line.text()));
  await page.route('**/*', (route) =>
    route.request().url().endsWith('.js')
      ? route.fulfill({ contentType: 'text/javascript', body: library })
      : route.fulfill({ contentType: 'text/html', body: '<!doctype html><script src="/livekit.js"></script>' }),
  );
  await page.goto('http://localhost/');
  await page.evaluate(inPage, options);
  return page;
}

/** Waits in a page until `probe` is true of what it can see; answers the milliseconds. */
export async function until(page, what, probe, argument, timeout = DEADLINE) {
  const began = Date.now();
  try {
    await page.waitForFunction(probe, argument, { timeout, polling: 100 });
  } catch (error) {
    const seen = await page.evaluate(() => window.kit.describe());
    throw new Error(`${what}: not within ${timeout} ms; the page sees ${JSON.stringify(seen)}`, { cause: error });
  }
  return Date.now() - began;
}
