// Unchanged livekit-client in two Chromium pages, with a Python participant between them. With `--connections 2` they all
// send on one connection and receive on another, as clients of the older protocol do; `--client` names another release.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { DEADLINE, FLAGS, ok, open, servePage, tokenFor, until } from './clients.mjs';

const { values: args } = parseArgs({
  options: {
    url: { type: 'string' },
    key: { type: 'string' },
    secret: { type: 'string' },
    room: { type: 'string', default: 'interop-browser' },
    client: { type: 'string', default: 'livekit-client' },
    connections: { type: 'string', default: '1' },
    // The port of webhooks, for the script that listens to them.
    hooks: { type: 'string' },
  },
});
const token = (identity) => tokenFor(args, identity);

/** The Python participant; `told` waits for a line that it prints. */
function pythonPeer() {
  const script = fileURLToPath(new URL('../python/peer.py', import.meta.url));
  const options = ['--url', args.url, '--key', args.key, '--secret', args.secret, '--room', args.room];
  options.push('--connections', args.connections);
  const child = spawn(process.env.PYTHON ?? 'python3', [script, ...options], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = [];
  let wake = () => {};
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) lines.push(JSON.parse(line));
    wake();
  });
  const told = async (what, fits) => {
    const end = Date.now() + DEADLINE;
    for (;;) {
      const line = lines.find(fits);
      if (line) return line;
      if (Date.now() > end) throw new Error(`the Python client never said: ${what}; it said ${JSON.stringify(lines)}`);
      await new Promise((done) => {
        wake = done;
        setTimeout(done, 500);
      });
    }
  };
  return { told, count: () => lines.length, since: (start, fits) => (line) => lines.indexOf(line) >= start && fits(line), stop: () => child.stdin.end() };
}

async function main() {
  const { server, address } = await servePage(args.client);
  const two = args.connections === '2';
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
  const python = pythonPeer();
  try {
    const enter = () => open(browser, address, two ? countConnections : undefined, { singlePeerConnection: !two });
    const [anna, bert] = [await enter(), await enter()];
    const took = await anna.evaluate(([url, t]) => window.kit.join(url, t), [args.url, token('anna')]);
    ok(`joined in ${took} ms`);
    await bert.evaluate(([url, t]) => window.kit.join(url, t), [args.url, token('bert')]);
    await python.told('ready', (l) => l.event === 'ready');

    await seeEachOther(anna, bert, python);
    await layers(anna, bert);
    await data(anna, bert);
    await mute(anna, bert, python);
    await again(anna, bert);
    await resume(anna, bert);
    await elsewhere(anna, bert, python);
    await shown(anna, bert);
    if (two) await usesTwo(anna, bert);
    await leave(anna, bert);
  } finally {
    python.stop();
    await browser.close();
    server.close();
  }
}

async function seeEachOther(anna, bert, python) {
  await until(anna, 'sound of Python', () => window.kit.energy('python', 'microphone') > 0.001);
  await until(anna, 'pictures of Python', () => window.kit.frames('python', 'camera') > 15);
  ok('the browser hears and sees the Python client');
  await anna.evaluate(() => window.kit.publish());
  const picture = await python.told('a picture of anna', (l) => l.event === 'picture' && l.of === 'anna');
  await python.told('the sound of anna', (l) => l.event === 'sound' && l.of === 'anna' && l.energy > 0);
  ok(`the Python client hears and sees the browser (${picture.width}x${picture.height})`);
  await until(bert, 'sound of anna', () => window.kit.energy('anna', 'microphone') > 0.00001);
  await until(bert, 'pictures of anna', () => window.kit.frames('anna', 'camera') > 15);
  await until(bert, 'the speaker', () => window.kit.speaks('python'));
  ok('browsers hear and see each other, and who speaks is shown');
}

async function layers(anna, bert) {
  for (const [width, layer] of [[160, 'q'], [640, 'h'], [200, 'q']]) {
    await bert.evaluate((w) => window.kit.tile('anna', w), width);
    await layerArrives(anna, bert, width, layer);
  }
  await bert.evaluate(() => window.kit.tile('anna', 640));
  ok('the picture follows the size of its tile');
}

/** A busy machine lets the camera drop its upper layers or shrink them all; then the best that is left must come. */
async function layerArrives(anna, bert, tile, layer) {
  const end = Date.now() + DEADLINE;
  for (;;) {
    const sends = await anna.evaluate(() => window.kit.sends());
    const wanted = sends[layer] ?? Math.max(...Object.values(sends));
    // What she sends may change while it is waited for, so it is asked anew each second.
    const arrives = bert.waitForFunction((w) => window.kit.width('anna', 'camera') === w, wanted, { timeout: 1000 });
    if (await arrives.then(() => true, () => false)) return;
    if (Date.now() > end) throw new Error(`for a tile of ${tile} came another than ${wanted} of ${JSON.stringify(sends)}`);
  }
}

async function data(anna, bert) {
  await anna.evaluate(() => window.kit.say('ask something'));
  await until(anna, 'the answer of Python', () => window.kit.heard.some((d) => d.text === 'answer something' && d.from === 'python'));
  await bert.evaluate(() => window.kit.say('for anna', ['anna']));
  await until(anna, 'the word of bert', () => window.kit.heard.some((d) => d.text === 'for anna' && d.from === 'bert'));
  ok('data goes both ways');
}

async function mute(anna, bert, python) {
  await anna.evaluate(() => window.kit.setCamera(false));
  await python.told('muted', (l) => l.event === 'muted' && l.of === 'anna' && l.source === 1);
  await until(bert, 'the mute', () => window.kit.muted('anna', 'camera'));
  // What was under way when the word of the mute came is let through; then 100 pictures of another, and none of hers.
  const pythons = await bert.evaluate(() => window.kit.frames('python', 'camera'));
  await until(bert, 'pictures of Python', (n) => window.kit.frames('python', 'camera') > n, pythons + 20);
  const before = await bert.evaluate(() => window.kit.frames('anna', 'camera'));
  await until(bert, 'more pictures of Python', (n) => window.kit.frames('python', 'camera') > n, pythons + 120);
  const after = await bert.evaluate(() => window.kit.frames('anna', 'camera'));
  if (after !== before) throw new Error(`${after - before} pictures came through a mute`);
  await anna.evaluate(() => window.kit.setCamera(true));
  await until(bert, 'pictures after the mute', (n) => window.kit.frames('anna', 'camera') > n + 15, after);
  ok('nothing flows while muted, and flows again after');
}

async function again(anna, bert) {
  for (let n = 0; n < 3; n += 1) {
    await anna.evaluate(() => window.kit.unpublishCamera());
    await until(bert, 'the end of the track', () => !window.kit.has('anna', 'camera'));
    await anna.evaluate(() => window.kit.publishCamera());
    await until(bert, 'pictures of the new track', () => window.kit.frames('anna', 'camera') > 10);
  }
  ok('a track ends and comes again on the same lines');
}

async function resume(anna, bert) {
  const before = await anna.evaluate(() => window.kit.sids());
  await anna.evaluate(() => window.kit.resume());
  await until(anna, 'the resume', () => window.kit.resumed > 0);
  const after = await anna.evaluate(() => window.kit.sids());
  if (JSON.stringify(before) !== JSON.stringify(after)) throw new Error(`not the same session: ${JSON.stringify([before, after])}`);
  const mark = await bert.evaluate(() => window.kit.frames('anna', 'camera'));
  await until(bert, 'pictures after the resume', (n) => window.kit.frames('anna', 'camera') > n + 15, mark);
  await anna.evaluate(() => window.kit.say('ask again'));
  await until(anna, 'an answer after the resume', () => window.kit.heard.some((d) => d.text === 'answer again'));
  ok('a session resumes as it was');
  await anna.evaluate(() => window.kit.restart());
  // For two seconds more the client keeps its events to itself; of what happens meanwhile it never tells.
  await until(anna, 'the full reconnect', () => window.kit.restarted > 0 && !window.kit.room.engine.pendingReconnect);
  await until(bert, 'pictures after the reconnect', () => window.kit.has('anna', 'camera') && window.kit.frames('anna', 'camera') > 15);
  ok('a session can be set up anew');
}

/** Calls the API as the holder of the key: about somebody in a room, and another room where that is one. */
async function order(method, identity, room, destinationRoom) {
  const video = { roomAdmin: true, room, destinationRoom };
  const response = await fetch(`${args.url.replace('ws', 'http')}/twirp/livekit.RoomService/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${tokenFor(args, '', video)}` },
    body: JSON.stringify({ room, identity, destinationRoom }),
  });
  if (!response.ok) throw new Error(`${method} of ${identity}: ${await response.text()}`);
}

const send = (identity, from, to) => order('MoveParticipant', identity, from, to);

async function elsewhere(anna, bert, python) {
  const hall = `${args.room}-hall`;
  const [before, connects] = await anna.evaluate(() => [window.kit.sids(), window.kit.reconnects()]);
  await send('anna', args.room, hall);
  await until(anna, 'the other room', (room) => window.kit.room.name === room && window.kit.describe().people.length === 0, hall);
  await until(bert, 'the end of anna', () => !window.kit.describe().people.some((p) => p.identity === 'anna'));
  const start = python.count();
  await send('python', args.room, hall);
  await python.told('moved', python.since(start, (l) => l.event === 'moved' && l.room === hall && l.people.join() === 'anna'));
  await until(anna, 'sound of Python', () => window.kit.energy('python', 'microphone') > 0.001);
  await until(anna, 'pictures of Python', () => window.kit.frames('python', 'camera') > 15);
  for (const kind of ['sound', 'picture']) {
    await python.told(`${kind} of anna`, python.since(start, (l) => l.event === kind && l.of === 'anna'));
  }
  await anna.evaluate(() => window.kit.say('ask elsewhere'));
  await until(anna, 'an answer there', () => window.kit.heard.some((d) => d.text === 'answer elsewhere'));
  await anna.evaluate(() => window.kit.resume());
  await until(anna, 'a resume there', (n) => window.kit.reconnects() > n, connects);
  for (const identity of ['python', 'anna']) await send(identity, hall, args.room);
  await until(bert, 'pictures of anna', () => window.kit.frames('anna', 'camera') > 15);
  await until(bert, 'sound of anna', () => window.kit.energy('anna', 'microphone') > 0.00001);
  await until(bert, 'pictures of Python', () => window.kit.frames('python', 'camera') > 15);
  const after = await anna.evaluate(() => window.kit.sids());
  if (JSON.stringify(before) !== JSON.stringify(after)) throw new Error(`not the same session: ${JSON.stringify([before, after])}`);
  ok('people are moved to another room with what they publish, and back');
}

/** Anna is shown in another room to bert, who has gone there. She does not see him. */
async function shown(anna, bert) {
  const hall = `${args.room}-hall`;
  await send('bert', args.room, hall);
  await until(bert, 'the other room', (room) => window.kit.room.name === room && window.kit.describe().people.length === 0, hall);
  await until(anna, 'the end of bert', () => !window.kit.describe().people.some((p) => p.identity === 'bert'));
  await order('ForwardParticipant', 'anna', args.room, hall);
  await until(bert, 'sound of anna', () => window.kit.energy('anna', 'microphone') > 0.00001);
  await until(bert, 'pictures of anna', () => window.kit.frames('anna', 'camera') > 15);
  const sees = await anna.evaluate(() => window.kit.describe().people.map((p) => p.identity));
  if (sees.join() !== 'python') throw new Error(`anna sees ${sees} where she is`);
  await order('RemoveParticipant', 'anna', hall);
  await until(bert, 'the end of anna there', () => window.kit.describe().people.length === 0);
  await send('bert', hall, args.room);
  await until(bert, 'pictures of anna where she is', () => window.kit.frames('anna', 'camera') > 15);
  await until(anna, 'bert', () => window.kit.describe().people.some((p) => p.identity === 'bert'));
  ok('a person is shown in another room too, one way, as long as that is wanted');
}

/** Remembers every connection of a page. */
function countConnections() {
  window.connections = [];
  window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(...how) {
      super(...how);
      window.connections.push(this);
    }
  };
}

async function usesTwo(...pages) {
  for (const page of pages) {
    const open = await page.evaluate(() => window.connections.filter((c) => c.connectionState === 'connected').length);
    if (open !== 2) throw new Error(`a client with two connections has ${open}`);
  }
  ok('each client has a connection to send on and one to receive on');
}

async function leave(anna, bert) {
  await anna.evaluate(() => window.kit.leave());
  await until(bert, 'the leave', () => !window.kit.describe().people.some((p) => p.identity === 'anna'));
  ok('who leaves is gone');
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
