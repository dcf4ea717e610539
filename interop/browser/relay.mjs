// Unchanged livekit-client in Chromium pages that may use a relay alone: by UDP, by TCP and by TLS, all on one port of a
// Kloud with a certificate that it made itself. relay.mjs KLOUD
import { execFileSync, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { inPage } from './page.mjs';

const DEADLINE = 60_000;
const KEY = { key: 'devkey', secret: 'a-secret-of-at-least-32-characters' };
const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required', '--disable-features=LocalNetworkAccessChecks',
  // The certificate is nobody's.
  '--ignore-certificate-errors',
];

function token(room, identity) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 600;
  const claims = { iss: KEY.key, sub: identity, name: identity, exp, video: { roomJoin: true, room } };
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', KEY.secret).update(signed).digest('base64url')}`;
}

/** A number that is free for TCP and UDP. */
async function freePort() {
  for (;;) {
    const server = createServer();
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address();
    const socket = createSocket('udp4');
    const free = await new Promise((done) => {
      socket.on('error', () => done(false));
      socket.bind(port, '127.0.0.1', () => done(true));
    });
    await new Promise((done) => server.close(done));
    if (free) {
      await new Promise((done) => socket.close(done));
      return port;
    }
  }
}

/** A Kloud with everything on one port. */
async function kloud(binary) {
  const data = mkdtempSync(join(tmpdir(), 'kloud-relay-'));
  const [certificate, key] = ['certificate.pem', 'key.pem'].map((name) => join(data, name));
  const make = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const named = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', [...make, ...named, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  const port = await freePort();
  const lines = [
    `listen = "127.0.0.1:${port}"`,
    '[media]', `port = ${port}`, 'relay_udp = true',
    '[tls]', `certificate = "${certificate}"`, `key = "${key}"`,
    '[[livekit.keys]]', `key = "${KEY.key}"`, `secret = "${KEY.secret}"`,
  ];
  writeFileSync(join(data, 'kloud.toml'), lines.join('\n'));
  const stdio = ['ignore', 'ignore', process.env.VERBOSE ? 'inherit' : 'ignore'];
  const child = spawn(binary, ['serve', '--data', data], { stdio });
  await listening(port);
  const end = () =>
    new Promise((done) => {
      child.once('exit', () => {
        rmSync(data, { recursive: true, force: true });
        done();
      });
      child.kill('SIGKILL');
    });
  return { url: `wss://localhost:${port}`, end };
}

async function listening(port) {
  for (let tries = 0; tries < 300; tries += 1) {
    const open = await new Promise((done) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        done(true);
      }).on('error', () => done(false));
    });
    if (open) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error('the server does not listen');
}

/** Leaves the browser's connections only the servers of one way, and remembers the connections. */
function narrow(way) {
  const Connection = window.RTCPeerConnection;
  const fits = (url) => (way === 'tls' ? url.startsWith('turns:') : url.startsWith('turn:') && url.endsWith(`=${way}`));
  window.told = [];
  window.connections = [];
  const narrowed = (configuration) => {
    window.told.push(...(configuration?.iceServers ?? []).flatMap(({ urls }) => urls));
    const servers = (configuration?.iceServers ?? []).map((server) => ({ ...server, urls: [server.urls].flat().filter(fits) }));
    return { ...configuration, iceServers: servers.filter(({ urls }) => urls.length > 0) };
  };
  window.RTCPeerConnection = class extends Connection {
    constructor(configuration, ...rest) {
      super(narrowed(configuration), ...rest);
      window.connections.push(this);
    }

    setConfiguration(configuration) {
      super.setConfiguration(narrowed(configuration));
    }
  };
  /** What the chosen pairs begin with: the kind of the own candidate, and how its relay is reached. */
  window.chosen = async () => {
    const found = [];
    for (const connection of window.connections) {
      const report = await connection.getStats();
      report.forEach((line) => {
        const pair = line.type === 'transport' ? report.get(line.selectedCandidatePairId) : undefined;
        const own = report.get(pair?.localCandidateId);
        if (own) found.push(own.candidateType === 'relay' ? `relay ${own.relayProtocol}` : own.candidateType);
      });
    }
    return found;
  };
}

async function open(browser, address, way, policy) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  page.setDefaultTimeout(DEADLINE);
  page.on('pageerror', (error) => console.error('page error', error));
  if (process.env.VERBOSE) page.on('console', (line) => console.error(line.text()));
  await page.addInitScript(narrow, way);
  await page.goto(address);
  await page.evaluate(inPage, {});
  page.join = async (url, words) => {
    const connect = ([to, pass, transport]) => window.kit.room.connect(to, pass, { rtcConfig: { iceTransportPolicy: transport } });
    await page.evaluate(connect, [url, words, policy]);
  };
  return page;
}

async function until(page, what, probe) {
  try {
    await page.waitForFunction(probe, undefined, { timeout: DEADLINE, polling: 200 });
  } catch (error) {
    const seen = await page.evaluate(async () => ({ ...window.kit.describe(), chosen: await window.chosen(), told: window.told }));
    throw new Error(`${what}: never came; the page sees ${JSON.stringify(seen)}`, { cause: error });
  }
}

async function meet(browser, address, url, way, { policy, expected }) {
  const [anna, bert] = [await open(browser, address, way, policy), await open(browser, address, way, policy)];
  await anna.join(url, token(`room-${way}-${policy}`, 'anna'));
  await bert.join(url, token(`room-${way}-${policy}`, 'bert'));
  await anna.evaluate(() => window.kit.publish());
  await until(bert, `sound of anna by ${way}`, () => window.kit.energy('anna', 'microphone') > 0.00001);
  await until(bert, `pictures of anna by ${way}`, () => window.kit.frames('anna', 'camera') > 15);
  for (const page of [anna, bert]) {
    const chosen = await page.evaluate(() => window.chosen());
    if (chosen.length === 0 || chosen.some((own) => own !== expected)) {
      throw new Error(`not ${expected}, but ${JSON.stringify(chosen)}`);
    }
    await page.context().close();
  }
  console.log(`ok  two pages meet by ${expected}`);
}

async function main() {
  const require = createRequire(import.meta.url);
  const library = readFileSync(require.resolve('livekit-client'));
  const pages = createServer((request, response) => {
    const script = request.url === '/livekit.js';
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html');
    response.end(script ? library : '<!doctype html><title>interop</title><script src="/livekit.js"></script>');
  });
  await new Promise((done) => pages.listen(0, '127.0.0.1', done));
  const address = `http://127.0.0.1:${pages.address().port}/`;
  const server = await kloud(process.argv[2]);
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
  try {
    const only = process.argv[3]?.split(',');
    for (const way of (only ?? ['udp', 'tcp', 'tls'])) {
      await meet(browser, address, server.url, way, { policy: 'relay', expected: `relay ${way}` });
    }
    // Who may go straight does, whatever relays are told of.
    await meet(browser, address, server.url, 'tls', { policy: 'all', expected: 'host' });
  } finally {
    await browser.close();
    pages.close();
    await server.end();
  }
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
