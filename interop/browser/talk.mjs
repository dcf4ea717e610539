// Two people talk while the line of one of them carries 40 kbit/s each way and loses 3 % of its packets: unchanged
// livekit-client in Chromium, the real binary, voices that are known, and a measure of how much of them is understood.
// `talk.mjs BINARY`, inside a network and mount namespace of its own; `PYTHON` is one with the packages of
// `../python/requirements.txt`.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browser, network, open, PORT, run, server, until } from './network/stage.mjs';
import { talkInPage } from './talk/page.mjs';

const RATE = process.env.RATE ?? '40kbit';
const LOSS = process.env.LOSS ?? '3';
/** What must be understood on the thin line, and on a wide one: less there says that this machine has no time. */
const UNDERSTOOD = 0.85;
const MEASURABLE = 0.93;
/** Sound in so few bits a second is what a client was asked for. */
const FEW = 16_000;

const here = (name) => new URL(name, import.meta.url).pathname;
const PYTHON = process.env.PYTHON ?? 'python3';
const folder = mkdtempSync(join(tmpdir(), 'kloud-talk-'));
const began = Date.now();

const SENTENCES = [
  'The river was higher than anyone in the village could remember, and the bridge was closed before noon.',
  'Please bring the blue folder to the meeting room on the second floor, next to the kitchen.',
  'My sister plays the violin in a small orchestra that travels through the country every summer.',
  'We counted seventeen chairs and only four tables, so some of the guests had to stand.',
  'If the weather stays dry until Thursday, they will finish painting the fence in the garden.',
];

function ok(text) {
  console.log(`ok  ${text} (${Math.round((Date.now() - began) / 1000)} s)`);
}

/** A voice that says all sentences, beginning with one of them, as a file; and each of them alone. */
function voice(name, kind, first) {
  const order = [...SENTENCES.slice(first), ...SENTENCES.slice(0, first)];
  const file = (words, at) => {
    const path = join(folder, `${name}${at}.wav`);
    execFileSync('espeak-ng', ['-v', kind, '-s', '150', '-g', '4', '-w', path, words]);
    return { path, wave: readFileSync(path).toString('base64') };
  };
  return { ...file(order.join(' '), ''), sentences: order.map(file) };
}

async function enter(kloud, { page, name }, number) {
  await page.evaluate(talkInPage, readFileSync(here('talk/recorder.js'), 'utf8'));
  await page.evaluate(([url, token]) => window.kit.join(url, token), [`ws://10.7.${number}.1:${PORT}`, kloud.token('talk', name)]);
  await page.evaluate(() => window.kit.publishMouth());
}

/** Packets that one has sent of a voice, and that came and were lost at the other. */
async function count(from, to) {
  const sent = await from.page.evaluate(() => window.kit.counts());
  const heard = (await to.page.evaluate((who) => window.kit.counts(who), from.name))['inbound-rtp'];
  return { sent: sent['outbound-rtp'].packetsSent, came: heard.packetsReceived, lost: heard.packetsLost };
}

/** Says one voice and writes down what the other hears of it; answers how much of it is understood. */
async function hear(from, to, said) {
  await to.page.evaluate((who) => window.kit.listen(who), from.name);
  const before = await count(from, to);
  await from.page.evaluate((wave) => window.kit.speak(wave), said.wave);
  // What is still under way is recorded, too.
  await to.page.evaluate(() => window.kit.hearOn(2));
  const after = await count(from, to);
  const raw = join(folder, `${from.name}.raw`);
  writeFileSync(raw, Buffer.from(await to.page.evaluate(() => window.kit.heardSound()), 'base64'));
  const words = execFileSync(PYTHON, [here('../python/stoi.py'), said.path, raw], { encoding: 'utf8' }).trim();
  const [stoi, ...pieces] = words.split(' ').map(Number);
  const packets = Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - before[name]]));
  return { from: from.name, stoi, pieces, packets };
}

/** Both at the same time. */
async function talk(anna, bert, voices, least) {
  const heard = await Promise.all([hear(anna, bert, voices.anna), hear(bert, anna, voices.bert)]);
  for (const { from, stoi, pieces, packets } of heard) {
    ok(`${from} is understood: ${stoi.toFixed(3)} (${pieces.join(' ')}), packets ${JSON.stringify(packets)}`);
  }
  const worst = heard.find(({ stoi }) => stoi < least);
  if (worst) throw new Error(`of ${worst.from} only ${worst.stoi} is understood, less than ${least}`);
  return heard;
}

/** Both ways of the first cable. What is lost is lost after the line, as on the air. */
function narrow() {
  const shape = `root tbf rate ${RATE} burst 2kb latency 400ms`;
  run(`tc qdisc replace dev sanna ${shape}`);
  run(`tc -n anna qdisc replace dev canna ${shape}`);
  for (const [inside, cable] of [['', 'sanna'], ['ip netns exec anna ', 'canna']]) {
    const rule = `iif ${cable} numgen random mod 100 < ${LOSS} drop;`;
    run(`${inside}nft -f -`, `table inet thin {\nchain in {\ntype filter hook input priority 0;\n${rule}\n}\n}\n`);
  }
}

/** They take turns, as people do, until something has happened. */
async function converse(anna, bert, voices, happens) {
  let over = false;
  const end = happens.finally(() => (over = true));
  // Whatever it says is heard below.
  end.catch(() => {});
  for (let n = 0; !over; n += 1) {
    for (const one of [anna, bert].filter(() => !over)) {
      const { sentences } = voices[one.name];
      await one.page.evaluate((wave) => window.kit.speak(wave), sentences[n % sentences.length].wave);
    }
  }
  return end;
}

/** Sound comes evenly: a receiver that has just begun waits longer than it must. */
const isEven = (who) => {
  const { at, delay } = window.kit.evenness(who);
  return at > 5 && delay < 0.3;
};

async function main() {
  network(['anna', 'bert']);
  const voices = { anna: voice('anna', 'en-us+f3', 0), bert: voice('bert', 'en-us', 2) };
  const kloud = await server(process.argv[2]);
  const browsers = await Promise.all(['anna', 'bert'].map((one) => browser(one)));
  try {
    const pages = await Promise.all(browsers.map((one) => open(one)));
    const [anna, bert] = ['anna', 'bert'].map((name, at) => ({ name, page: pages[at] }));
    await Promise.all([enter(kloud, anna, 1), enter(kloud, bert, 2)]);
    const even = [[anna, 'bert'], [bert, 'anna']].map(([one, who]) => until(one.page, `even sound of ${who}`, isEven, who, 60_000));
    await converse(anna, bert, voices, Promise.all(even));
    if (!process.env.ONLY?.includes('thin')) await talk(anna, bert, voices, MEASURABLE);
    narrow();
    const few = (most) => window.kit.counted['outbound-rtp']?.targetBitrate <= most;
    const asked = [anna, bert].map((one) => until(one.page, 'sound in few bits', few, FEW, 60_000));
    const [up, down] = await converse(anna, bert, voices, Promise.all(asked));
    ok(`on a line of ${RATE} with ${LOSS} % loss one sends little after ${up} ms, and the other after ${down} ms`);
    const [ofAnna, ofBert] = await talk(anna, bert, voices, UNDERSTOOD);
    const share = (came, of) => came / of;
    if (share(ofAnna.packets.sent, ofBert.packets.sent) > 0.5) throw new Error('one on a thin line sends short packets');
    if (share(ofBert.packets.came + ofBert.packets.lost, ofBert.packets.sent) > 0.5) throw new Error('packets do not leave together');
  } finally {
    await Promise.all(browsers.map((one) => one.close()));
    await kloud.end();
    if (!process.env.KEEP) rmSync(folder, { recursive: true });
  }
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
