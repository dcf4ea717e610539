// Unchanged livekit-client in three Chromium pages: each codec is published, decoded, and follows the size of its tile.
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { DEADLINE, FLAGS, ok, open, servePage, tokenFor, until } from './clients.mjs';

const { values: args } = parseArgs({
  options: {
    url: { type: 'string' },
    key: { type: 'string' },
    secret: { type: 'string' },
    room: { type: 'string', default: 'interop-codecs' },
    // The port of webhooks, for the script that listens to them.
    hooks: { type: 'string' },
  },
});
const token = (identity) => tokenFor(args, identity);
/** Large enough for several layers, small enough for a machine that encodes and decodes them all. */
const CAPTURE = { resolution: { width: 640, height: 360, frameRate: 15 } };

/** Makes a browser that decodes neither VP9 nor AV1. */
function decodesOld() {
  const add = RTCPeerConnection.prototype.addTransceiver;
  RTCPeerConnection.prototype.addTransceiver = function addTransceiver(kind, init) {
    const transceiver = add.call(this, kind, init);
    if (kind === 'video' && init?.direction === 'recvonly') {
      const all = RTCRtpReceiver.getCapabilities('video').codecs;
      transceiver.setCodecPreferences(all.filter((codec) => !/vp9|av1/i.test(codec.mimeType)));
    }
    return transceiver;
  };
}

async function main() {
  const { server, address } = await servePage();
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
  try {
    const anna = await open(browser, address);
    const bert = await open(browser, address);
    for (const [page, name] of [[anna, 'anna'], [bert, 'bert']]) {
      await page.evaluate(([url, t]) => window.kit.join(url, t), [args.url, token(name)]);
    }
    await sound(anna, bert);
    const encodes = await anna.evaluate(() => window.kit.encodes());
    for (const codec of ['vp8', 'h264', 'vp9', 'av1']) {
      if (encodes.includes(`video/${codec}`)) await picture(anna, bert, codec);
      else console.log(`--  this browser does not encode ${codec}`);
    }
    await backup(browser, address, anna, bert);
  } finally {
    await browser.close();
    server.close();
  }
}

async function sound(anna, bert) {
  await anna.evaluate(() => window.kit.publishMicrophone());
  await until(bert, 'sound of anna', () => window.kit.energy('anna', 'microphone') > 0.00001);
  // Nothing is lost here, so each copy comes for a piece that is there and is thrown away. Nothing else is.
  await until(bert, 'redundancy', () => window.kit.copies('anna') > 0.5);
  ok('sound comes with redundancy');
}

async function picture(anna, bert, codec) {
  await anna.evaluate(([videoCodec, capture]) => window.kit.publishAs({ videoCodec, backupCodec: false }, capture), [codec, CAPTURE]);
  await until(bert, `pictures in ${codec}`, (c) => window.kit.frames('anna', 'camera') > 15 && window.kit.codec('anna', 'camera') === `video/${c}`, codec);
  await bert.evaluate(() => window.kit.tile('anna', 640));
  await until(bert, `the large picture in ${codec}`, () => window.kit.width('anna', 'camera') === 640);
  for (const [tile, fits] of [[120, 'small'], [640, 'large'], [120, 'small']]) {
    await bert.evaluate((w) => window.kit.tile('anna', w), tile);
    await until(
      bert,
      `the ${fits} picture in ${codec}`,
      (f) => (f === 'large' ? window.kit.width('anna', 'camera') === 640 : window.kit.width('anna', 'camera') <= 320),
      fits,
    );
  }
  const small = await bert.evaluate(() => window.kit.width('anna', 'camera'));
  const seen = await bert.evaluate(() => window.kit.frames('anna', 'camera'));
  await until(bert, `more pictures in ${codec}`, (n) => window.kit.frames('anna', 'camera') > n + 15, seen);
  ok(`${codec} is decoded and follows its tile (${small} and 640 across)`);
  await anna.evaluate(() => window.kit.unpublishCamera());
  await until(bert, 'the end of the track', () => !window.kit.has('anna', 'camera'));
}

async function backup(browser, address, anna, bert) {
  await anna.evaluate((capture) => window.kit.publishAs({ videoCodec: 'vp9', backupCodec: { codec: 'vp8' } }, capture), CAPTURE);
  await until(bert, 'pictures in vp9', () => window.kit.frames('anna', 'camera') > 10 && window.kit.codec('anna', 'camera') === 'video/vp9');
  const carl = await open(browser, address, decodesOld);
  await carl.evaluate(([url, t]) => window.kit.join(url, t), [args.url, token('carl')]);
  await until(carl, 'pictures in vp8', () => window.kit.frames('anna', 'camera') > 10 && window.kit.codec('anna', 'camera') === 'video/vp8');
  const seen = await bert.evaluate(() => window.kit.frames('anna', 'camera'));
  await until(bert, 'still pictures in vp9', (n) => window.kit.frames('anna', 'camera') > n + 10 && window.kit.codec('anna', 'camera') === 'video/vp9', seen);
  const sids = await Promise.all([bert, carl].map((page) => page.evaluate(() => window.kit.describe().people.find((p) => p.identity === 'anna').tracks.find((t) => t.source === 'camera').sid)));
  if (sids[0] !== sids[1]) throw new Error(`two tracks: ${sids}`);
  ok('a second codec comes for the one who needs it, as the same track');
}

setTimeout(() => {
  console.error('too slow');
  process.exit(1);
}, 10 * DEADLINE).unref();

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
