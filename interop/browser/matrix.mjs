// Networks that let little through: in each, two unchanged livekit-clients in Chromium hear and see each other by a Kloud
// with everything on port 443, and where something is shut its own page says what gets through.
// `matrix.mjs BINARY [cell,cell]`, inside a network and mount namespace of its own.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { browser, cable, filter, longCable, network, open, plug, run, server, until } from './network/stage.mjs';

const NAME = 'kloud.test';
const PORT = 443;
const PROXY = 3128;
/** Addresses as on the Internet: browsers take no media from port 443 of a private one. */
const NET = '203.0';
const SIX = '2001:db8:7';
/** A line to the other side of the world: milliseconds each way, and how many of a hundred packets it loses each way. */
const LONG = 100;
const LOST = 5;
const KEY = { key: 'devkey', secret: 'a-secret-of-at-least-32-characters' };

/** A certificate of its own, and everything on one port. */
function configure(data) {
  const [certificate, key] = ['certificate.pem', 'key.pem'].map((name) => join(data, name));
  const make = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const named = ['-subj', `/CN=${NAME}`, '-addext', `subjectAltName=DNS:${NAME}`];
  execFileSync('openssl', [...make, ...named, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  const lines = [
    '[[livekit.keys]]', `key = "${KEY.key}"`, `secret = "${KEY.secret}"`,
    '[media]', `port = ${PORT}`,
    '[tls]', `certificate = "${certificate}"`, `key = "${key}"`,
  ];
  writeFileSync(join(data, 'kloud.toml'), lines.join('\n'));
}

/** Lets through only what `rule` takes of what comes from the clients. */
const only = (rule) => filter(`chain in { type filter hook input priority 0; policy drop; iif lo accept; ${rule} }`);

/** A proxy as companies have it: HTTP CONNECT, to port 443 alone. */
function proxy() {
  const taken = [];
  const listener = createServer((_, answer) => answer.writeHead(403).end());
  listener.on('connect', (request, socket, head) => {
    const [, port] = request.url.match(/:(\d+)$/) ?? [];
    if (port !== `${PORT}`) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const onward = connect(PORT, '127.0.0.1', () => {
      taken.push(request.url);
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    for (const [one, other] of [[socket, onward], [onward, socket]]) one.on('error', () => other.destroy());
    return undefined;
  });
  return new Promise((done) => listener.listen(PROXY, '0.0.0.0', () => done({ taken, end: () => listener.close() })));
}

/** A home whose router gives each connection a port of its own, at random. */
function home() {
  run('ip netns add router');
  run('ip -n router link set lo up');
  cable('router', 4);
  plug('router', 4);
  run('ip netns add ines');
  run('ip -n ines link set lo up');
  run('ip -n router link add inside type veth peer name cines netns ines');
  run('ip -n router addr add 192.168.9.1/24 dev inside');
  run('ip -n router link set inside up');
  run('ip -n ines addr add 192.168.9.2/24 dev cines');
  run('ip -n ines link set cines up');
  run('ip -n ines route add default via 192.168.9.1');
  run('ip netns exec router sysctl -qw net.ipv4.ip_forward=1');
  const nat = 'table ip nat { chain out { type nat hook postrouting priority 100; oif crouter masquerade fully-random; }\n}\n';
  run('ip netns exec router nft -f -', nat);
}

/** Takes the old addresses away and gives new ones. */
function sixOnly(names) {
  names.forEach((name, at) => {
    run(`ip addr flush dev s${name} scope global`);
    run(`ip -6 addr add ${SIX}:${at + 1}::1/64 dev s${name} nodad`);
    run(`ip -n ${name} addr flush dev c${name} scope global`);
    run(`ip -n ${name} -6 addr add ${SIX}:${at + 1}::2/64 dev c${name} nodad`);
    run(`ip -n ${name} -6 route add default via ${SIX}:${at + 1}::1`);
  });
}

const both = ['anna', 'bert'];
const four = { anna: `${NET}.1.1`, bert: `${NET}.2.1`, ines: `${NET}.4.1`, lena: `${NET}.5.1`, luis: `${NET}.6.1` };
const six = { anna: `[${SIX}:1::1]`, bert: `[${SIX}:2::1]` };
/** What the check says where everything gets through, and where UDP does not. */
const good = Object.fromEntries(['server', 'browser', 'signal', 'udp', 'tcp', 'relay', 'talk'].map((step) => [step, 'good']));
const well = { title: 'Meetings work well from here', ...good };
const slower = { ...well, title: 'Meetings work, but only by the slower way: UDP seems to be blocked', udp: 'warn' };
const cells = {
  open: { way: 'udp', says: well },
  'udp-blocked': { way: 'tcp', says: slower, begin: () => only('meta l4proto tcp accept;') },
  '443-only': { way: 'tcp', says: slower, begin: () => only(`tcp dport ${PORT} accept;`) },
  proxy: {
    way: 'tcp',
    says: slower,
    flags: (name) => [`--proxy-server=http://${four[name]}:${PROXY}`, '--proxy-bypass-list=localhost'],
    begin: () => {
      only(`tcp dport ${PROXY} accept;`);
      return proxy();
    },
    proved: ({ taken }) => taken.length > 2,
  },
  'long-and-lossy': {
    way: 'udp',
    who: ['lena', 'luis'],
    begin: () => Promise.all([longCable('lena', 5, LONG, LOST), longCable('luis', 6, LONG, LOST)]),
    seen: async (page, name, other) => {
      await until(page, `${name}: a long line`, (least) => window.kit.roundTrip() >= least, 2 * LONG - 10);
      await until(page, `${name}: a lossy line`, (one) => window.kit.sound(one).lost > 0, other);
    },
  },
  nat: { way: 'udp', who: ['ines', 'bert'], begin: home },
  'ipv6-only': { way: 'udp', addresses: six, begin: () => sixOnly(both) },
};

/** What the page says that proves to a person whether meetings work from here. */
async function told(browser, says) {
  const page = await browser.newPage({ ignoreHTTPSErrors: true, locale: 'en' });
  await page.goto(`https://${NAME}/check`);
  await page.locator('[data-verdict]:not([data-verdict=running])').waitFor({ timeout: 60_000 });
  const title = await page.getByRole('heading', { level: 1 }).textContent();
  const rows = page.locator('[data-step]');
  const tones = await rows.evaluateAll((all) => Object.fromEntries(all.map(({ dataset }) => [dataset.step, dataset.tone])));
  assert.deepEqual({ title, ...tones }, says);
  await page.close();
}

async function cell(kloud, name, { way, who = both, addresses = four, says, ...more }) {
  const { begin = () => {}, flags = () => [], seen = () => {}, proved = () => true } = more;
  filter('');
  const made = await begin();
  const began = Date.now();
  const browsers = await Promise.all(
    who.map((one) => {
      const found = `--host-resolver-rules=MAP ${NAME} ${addresses[one]}`;
      return browser(one, '--ignore-certificate-errors', found, ...flags(one));
    }),
  );
  try {
    const pages = await Promise.all(browsers.map((one) => open(one)));
    await Promise.all(
      pages.map(async (page, at) => {
        // Who looks at the camera before joining lets the browser use every network that it has.
        await page.evaluate(() => window.kit.preview());
        await page.evaluate(([url, token]) => window.kit.join(url, token), [`wss://${NAME}`, kloud.token(name, who[at])]);
        await page.evaluate(() => window.kit.publish());
      }),
    );
    for (const [at, page] of pages.entries()) {
      const other = who[1 - at];
      await until(page, `${name}: sound of ${other}`, (one) => window.kit.sound(one).came > 100, other, 60_000);
      await until(page, `${name}: pictures of ${other}`, (one) => window.kit.frames(one, 'camera') > 10, other, 60_000);
      await until(page, `${name}: the way by ${way}`, (by) => window.kit.way() === by, way);
      await seen(page, name, other);
    }
    if (says) await told(browsers[0], says);
    if (!proved(made)) throw new Error(`${name}: nothing came by the proxy`);
    const check = says ? '; the check says so' : '';
    console.log(`ok  ${name}: two hear and see each other by ${way}${check} (${Math.round((Date.now() - began) / 1000)} s)`);
  } finally {
    await Promise.all(browsers.map((one) => one.close()));
    made?.end?.();
    filter('');
  }
}

async function main() {
  const [binary, wanted] = process.argv.slice(2);
  const names = wanted ? wanted.split(',') : Object.keys(cells);
  network(both, NET);
  const kloud = await server(binary, { port: PORT, listen: '[::]', configure });
  try {
    for (const name of names) await cell(kloud, name, cells[name]);
  } finally {
    await kloud.end();
  }
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
