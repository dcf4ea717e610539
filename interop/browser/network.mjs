// Meetings on bad networks: unchanged livekit-client in Chromium, the real binary, and cables that are cut, narrowed and
// filtered between them. `network.mjs BINARY`, inside a network and mount namespace of its own.
import { ownRoom } from './network/own.mjs';
import { browser, cable, filter, network, open, plug, PORT, run, server, until } from './network/stage.mjs';

/** One picture in two layers. The upper one needs more than the narrow line below carries. */
const PUBLISH = {
  publishDefaults: { videoEncoding: { maxBitrate: 900_000, maxFramerate: 20 } },
};

/** A client that does not see that its network has changed learns it when its pings stay unanswered, after 15 s. */
const WAKES_UP = 25_000;

const began = Date.now();
function ok(text) {
  console.log(`ok  ${text} (${Math.round((Date.now() - began) / 1000)} s)`);
}

async function join(kloud, page, number, room, identity, publish = 'publish') {
  // Who looks at the camera before joining lets the browser use every network that it has.
  await page.evaluate(() => window.kit.preview());
  await page.evaluate(([url, token]) => window.kit.join(url, token), [`ws://10.7.${number}.1:${PORT}`, kloud.token(room, identity)]);
  await page.evaluate((how) => window.kit[how](), publish);
}

async function meets(page, identity) {
  await until(page, `sound of ${identity}`, (who) => window.kit.sound(who).came > 20, identity);
  await until(page, `pictures of ${identity}`, (who) => window.kit.frames(who, 'camera') > 10, identity);
}

/** Half a second more of sound than has come so far; answers the milliseconds that it took. */
async function goesOn(page, identity, within) {
  const before = await page.evaluate((who) => window.kit.sound(who).came, identity);
  return until(page, `more sound of ${identity}`, ([who, n]) => window.kit.sound(who).came > n + 25, [identity, before], within);
}

async function udpBlocked(kloud, anna, bert) {
  filter('chain in { type filter hook input priority 0; udp dport 7882 drop; }');
  await Promise.all([join(kloud, anna, 1, 'blocked', 'anna'), join(kloud, bert, 2, 'blocked', 'bert')]);
  await Promise.all([meets(anna, 'bert'), meets(bert, 'anna')]);
  for (const page of [anna, bert]) {
    await until(page, 'the way by TCP', () => window.kit.way() === 'tcp');
    await page.evaluate(() => window.kit.leave());
  }
  filter('');
  ok('where UDP is blocked, two hear and see each other by TCP');
}

async function narrow(bert) {
  const width = () => bert.evaluate(() => window.kit.width('anna', 'camera'));
  // A machine that is busy elsewhere sends fewer pictures, and those may fit.
  const large = () => window.kit.rate('anna', 'camera') > 600 && window.kit.width('anna', 'camera') === 640;
  await until(bert, 'a large picture that the narrow line cannot carry', large, undefined, 60_000);
  const before = await bert.evaluate(() => window.kit.sound('anna'));
  run('tc qdisc replace dev sbert root tbf rate 500kbit burst 6kb latency 400ms');
  const down = await until(bert, 'the smaller picture', () => window.kit.width('anna', 'camera') === 320, undefined, 5_000);
  await until(bert, 'ten seconds of sound', (n) => window.kit.sound('anna').came > n + 500, before.came);
  const after = await bert.evaluate(() => window.kit.sound('anna'));
  const [came, lost] = [after.came - before.came, after.lost - before.lost];
  if (lost * 100 >= came) throw new Error(`${lost} packets of sound are lost of ${came}`);
  if ((await width()) !== 320) throw new Error('the large picture is back on the narrow line');
  run('tc qdisc del dev sbert root');
  const up = await until(bert, 'the large picture again', () => window.kit.width('anna', 'camera') === 640, undefined, 15_000);
  ok(`at 500 kbit/s: ${lost} of ${came} packets of sound lost, the smaller picture after ${down} ms, the large one ${up} ms after its end`);
}

/** A line for sound and not for pictures. */
async function thin(bert) {
  run('tc qdisc replace dev sbert root tbf rate 120kbit burst 6kb latency 400ms');
  const gone = await until(bert, 'that the picture waits', () => window.kit.paused('anna'), undefined, 20_000);
  // Of what was on its way with the pictures some is lost: the round trip is most of a second there.
  const paused = await bert.evaluate(() => performance.now());
  await until(bert, 'what was on its way', (at) => performance.now() > at + 1_000, paused);
  const [before, at] = await bert.evaluate(() => [window.kit.sound('anna'), performance.now()]);
  // Packets of sound may be longer now, so they do not count the time.
  await until(bert, 'ten seconds of sound', (at) => performance.now() > at + 10_000, at);
  const after = await bert.evaluate(() => window.kit.sound('anna'));
  const [came, lost] = [after.came - before.came, after.lost - before.lost];
  if (lost * 100 >= came) throw new Error(`${lost} packets of sound are lost of ${came}`);
  run('tc qdisc del dev sbert root');
  const back = await until(bert, 'that the picture comes', () => !window.kit.paused('anna'), undefined, 25_000);
  const frames = await bert.evaluate(() => window.kit.frames('anna', 'camera'));
  await until(bert, 'pictures', (n) => window.kit.frames('anna', 'camera') > n + 10, frames);
  ok(`at 120 kbit/s the picture waits after ${gone} ms, ${lost} of ${came} packets of sound are lost, and it is back ${back} ms after the end`);
}

async function lossy(anna, bert) {
  const fine = () => ['excellent', 'good'].includes(window.kit.quality('bert'));
  await until(anna, 'a measure', fine);
  filter('chain out { type filter hook output priority 0; oif sbert udp sport 7882 numgen random mod 100 < 25 drop; }');
  await until(anna, 'that bert has trouble', () => window.kit.quality('bert') === 'poor');
  await until(bert, 'the trouble', () => window.kit.quality() === 'poor');
  filter('');
  await until(anna, 'the end of the trouble', fine);
  ok('who loses packets is shown as such to all, and when it is over');
}

async function cut(anna, bert) {
  const sid = await bert.evaluate(() => window.kit.sids());
  run('ip link set sbert down');
  await new Promise((done) => setTimeout(done, 5_000));
  run('ip link set sbert up');
  const back = await goesOn(bert, 'anna', 15_000);
  await goesOn(anna, 'bert', 15_000);
  await until(bert, 'the connection', () => window.kit.room.state === 'connected');
  const after = await bert.evaluate(() => window.kit.sids());
  if (JSON.stringify(sid) !== JSON.stringify(after)) throw new Error(`not the same session: ${sid} ${after}`);
  ok(`after a cut of 5 s the same session goes on (${back} ms)`);
}

/** Out of reach for so long that the client may give its session up. Goes on beside the other tests. */
async function longCut(kloud, anna, carl) {
  await carl.evaluate(([url, token]) => window.kit.join(url, token), [`ws://10.7.3.1:${PORT}`, kloud.token('open', 'carl')]);
  await carl.evaluate(() => window.kit.room.localParticipant.setMicrophoneEnabled(true));
  await until(anna, 'sound of carl', () => window.kit.sound('carl').came > 20);
  run('ip link set scarl down');
  await new Promise((done) => setTimeout(done, 40_000));
  const heard = await anna.evaluate(() => window.kit.sound('carl').came);
  run('ip link set scarl up');
  await until(anna, 'carl again', (n) => window.kit.people('carl').length === 1 && window.kit.sound('carl').came > n + 50, heard, 60_000);
  await until(carl, 'the connection', () => window.kit.room.state === 'connected');
  await goesOn(carl, 'anna', 15_000);
  ok('after a cut of 40 s one is back, and once');
}

/** The same in Kloud's own room, which says what is being done. */
async function ownCut(own) {
  const back = await own.cut(40);
  await own.leave();
  ok(`in Kloud's own room the place is kept for a cut of 40 s, and what was on is on again (${back} ms)`);
}

async function newAddress(anna, bert) {
  cable('bert2', 12, 'bert');
  const sid = await bert.evaluate(() => window.kit.sids()[0]);
  // As on a way out of the house: the second network is there before the first is gone.
  plug('bert2', 12, 'bert', 20);
  await new Promise((done) => setTimeout(done, 3_000));
  run('ip -n bert link set cbert down');
  const back = await goesOn(bert, 'anna', WAKES_UP);
  await goesOn(anna, 'bert', WAKES_UP);
  if (sid !== (await bert.evaluate(() => window.kit.sids()[0]))) throw new Error('another session');
  ok(`with another address the same session goes on (${back} ms)`);
}

async function restart(kloud, anna, bert) {
  await kloud.restart();
  for (const [page, other] of [[anna, 'bert'], [bert, 'anna']]) {
    await until(page, 'the other again', (who) => window.kit.people(who).length === 1 && window.kit.frames(who, 'camera') > 10, other);
  }
  ok('after a restart of the server all are back, each once');
}

async function main() {
  network(['anna', 'bert', 'carl', 'dora']);
  const kloud = await server(process.argv[2]);
  const browsers = await Promise.all(['anna', 'bert', 'carl'].map((one) => browser(one)));
  try {
    const pages = await Promise.all(browsers.map((one) => open(one, PUBLISH)));
    const [anna, bert, carl] = pages;
    const only = process.env.ONLY?.split(',');
    const wanted = (name) => !only || only.includes(name);
    if (wanted('udp')) await udpBlocked(kloud, anna, bert);
    const own = wanted('own') ? await ownRoom(kloud) : null;
    if (own) ok(`in Kloud's own room somebody moves to another network and misses ${await own.move()} ms of sound`);
    await Promise.all([join(kloud, anna, 1, 'open', 'anna', 'publishLively'), join(kloud, bert, 2, 'open', 'bert')]);
    await Promise.all([meets(anna, 'bert'), meets(bert, 'anna')]);
    const away = Promise.all([wanted('long') && longCut(kloud, anna, carl), own && ownCut(own)]);
    // Whatever it says is heard below.
    away.catch(() => {});
    if (wanted('narrow')) await narrow(bert);
    // How soon a picture comes back to a line that was thin is not the same every time.
    if (only?.includes('thin')) await thin(bert);
    if (wanted('lossy')) await lossy(anna, bert);
    if (wanted('cut')) await cut(anna, bert);
    if (wanted('address')) await newAddress(anna, bert);
    await away;
    if (wanted('restart')) await restart(kloud, anna, bert);
  } finally {
    await Promise.all(browsers.map((one) => one.close()));
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
