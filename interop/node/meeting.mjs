// Unchanged Node clients meet, and a Python participant: sound, data, remote calls, streams.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  AudioFrame, AudioSource, AudioStream, LocalAudioTrack, Room, RoomEvent, TrackKind, TrackPublishOptions, TrackSource,
} from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';

const DEADLINE = 60_000;
const RATE = 48_000;
const SAMPLES = RATE / 100;
/** Mean square of the samples, above which it is the tone and not what a decoder makes of nothing. */
const LOUD = 1e6;

const { values: args } = parseArgs({
  options: {
    url: { type: 'string' },
    key: { type: 'string' },
    secret: { type: 'string' },
    room: { type: 'string', default: 'interop-node' },
    // The port of webhooks, for the script that listens to them.
    hooks: { type: 'string' },
  },
});

function ok(text) {
  console.log(`ok  ${text}`);
}

/** The promise, or a failure that says what did not come. */
function inTime(what, promise) {
  const late = new Promise((_, fail) => setTimeout(() => fail(new Error(`${what}: never came`)), DEADLINE).unref());
  return Promise.race([promise, late]);
}

/** The first event that fits, whenever it came. */
class Events {
  seen = [];
  wake = [];

  constructor(room, ...names) {
    for (const name of names) {
      room.on(name, (...what) => {
        this.seen.push([name, ...what]);
        this.wake.splice(0).forEach((done) => done());
      });
    }
  }

  async wait(what, name, fits) {
    const find = () => this.seen.find(([seen, ...told]) => seen === name && fits(...told));
    const found = async () => {
      while (!find()) await new Promise((done) => this.wake.push(done));
      return find().slice(1);
    };
    return inTime(what, found());
  }
}

async function join(identity) {
  const token = new AccessToken(args.key, args.secret, { identity, name: identity });
  token.addGrant({ roomJoin: true, room: args.room });
  const room = new Room();
  const events = new Events(room, RoomEvent.TrackSubscribed, RoomEvent.DataReceived, RoomEvent.TrackMuted, RoomEvent.ParticipantDisconnected);
  await inTime(`${identity} in the room`, room.connect(args.url, await token.toJwt(), { autoSubscribe: true, dynacast: true }));
  return { room, events };
}

async function publishTone(room) {
  const source = new AudioSource(RATE, 1);
  const track = LocalAudioTrack.createAudioTrack('tone', source);
  const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE });
  const publication = await inTime('a published track', room.localParticipant.publishTrack(track, options));
  const feed = async () => {
    for (let position = 0; ; position += SAMPLES) {
      const wave = Int16Array.from({ length: SAMPLES }, (_, n) => 12_000 * Math.sin((2 * Math.PI * 440 * (position + n)) / RATE));
      await source.captureFrame(new AudioFrame(wave, RATE, 1, SAMPLES));
    }
  };
  // It ends with the process.
  feed().catch(() => {});
  return publication;
}

/** Waits for a second of decoded sound on end that is loud enough. */
async function hear(what, track) {
  const energies = [];
  const loud = async () => {
    for await (const frame of new AudioStream(track, RATE, 1)) {
      energies.push(frame.data.reduce((sum, sample) => sum + sample * sample, 0) / frame.data.length);
      if (energies.length > 100) energies.shift();
      const mean = energies.reduce((sum, one) => sum + one, 0) / energies.length;
      if (energies.length === 100 && mean >= LOUD) return mean;
    }
    throw new Error(`${what}: the sound ended`);
  };
  return inTime(what, loud());
}

const isSound = (of) => (track, publication, who) => who.identity === of && track.kind === TrackKind.KIND_AUDIO;

/** The Python participant, which publishes a tone and answers what is asked. */
async function pythonPeer() {
  const script = fileURLToPath(new URL('../python/peer.py', import.meta.url));
  const options = ['--url', args.url, '--key', args.key, '--secret', args.secret, '--room', args.room];
  const child = spawn(process.env.PYTHON ?? 'python3', [script, ...options], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const heard = new Promise((done) => {
    lines.on('line', (line) => {
      if (line.startsWith('{') && JSON.parse(line).event === 'sound' && JSON.parse(line).of === 'ada') done(JSON.parse(line));
    });
  });
  await inTime('the Python client', once(lines, 'line'));
  return { heard, stop: () => child.stdin.end() };
}

async function main() {
  const began = performance.now();
  const ada = await join('ada');
  ok(`joined in ${Math.round(performance.now() - began)} ms`);
  const bob = await join('bob');
  const python = await pythonPeer();

  await publishTone(ada.room);
  const [tone] = await bob.events.wait('the tone of ada', RoomEvent.TrackSubscribed, isSound('ada'));
  ok(`one Node client hears the other (energy ${(await hear('the tone of ada', tone)).toExponential(1)})`);
  const [other] = await ada.events.wait('the tone of Python', RoomEvent.TrackSubscribed, isSound('python'));
  await hear('the tone of Python', other);
  await inTime('Python hears', python.heard);
  ok('Node and Python hear each other');

  await data(ada, bob);
  await calls(ada, bob);
  await streams(ada, bob);

  await ada.room.disconnect();
  await bob.events.wait('the leave of ada', RoomEvent.ParticipantDisconnected, (who) => who.identity === 'ada');
  ok('who leaves is gone');
  python.stop();
  await bob.room.disconnect();
}

async function data(ada, bob) {
  const text = (bytes) => new TextDecoder().decode(bytes);
  const say = (words, to) =>
    ada.room.localParticipant.publishData(new TextEncoder().encode(words), { reliable: true, destination_identities: to });
  for (let n = 0; n < 200; n += 1) await say(`n${n}`);
  await bob.events.wait('the last message', RoomEvent.DataReceived, (bytes, from) => text(bytes) === 'n199' && from.identity === 'ada');
  const numbers = bob.events.seen.filter(([name]) => name === RoomEvent.DataReceived).map(([, bytes]) => text(bytes));
  const ordered = numbers.filter((line) => /^n\d+$/.test(line)).every((line, n) => line === `n${n}`);
  if (!ordered) throw new Error(`messages out of order or incomplete: ${numbers}`);
  await say('ask something', ['python']);
  await ada.events.wait('the answer of Python', RoomEvent.DataReceived, (bytes, from) => text(bytes) === 'answer something' && from.identity === 'python');
  ok('200 messages arrive in order, and one for Python is answered');
}

async function calls(ada, bob) {
  bob.room.localParticipant.registerRpcMethod('echo', async (call) => [...call.payload].reverse().join(''));
  const payload = '0123456789'.repeat(1_400);
  for (const destinationIdentity of ['bob', 'python']) {
    const call = ada.room.localParticipant.performRpc({ destinationIdentity, method: 'echo', payload });
    const answer = await inTime(`the answer of ${destinationIdentity}`, call);
    if (answer !== [...payload].reverse().join('')) throw new Error(`${destinationIdentity} answered something else`);
  }
  ok('remote calls of Node and Python clients answer');
}

async function streams(ada, bob) {
  const words = 'a text that is longer than one packet takes; '.repeat(2_000);
  const text = new Promise((done) => {
    bob.room.registerTextStreamHandler('words', async (reader, from) => done([await reader.readAll(), from.identity]));
  });
  await inTime('a sent text', ada.room.localParticipant.sendText(words, { topic: 'words' }));
  const [read, from] = await inTime('the text', text);
  if (read !== words || from !== 'ada') throw new Error(`${read.length} letters came from ${from}`);
  const bytes = Uint8Array.from({ length: 100_000 }, (_, n) => n % 251);
  const file = new Promise((done) => {
    bob.room.registerByteStreamHandler('bytes', async (reader) => done(Buffer.concat(await reader.readAll())));
  });
  const writer = await inTime('a stream', ada.room.localParticipant.streamBytes({ topic: 'bytes', totalSize: bytes.length }));
  await writer.write(bytes);
  await writer.close();
  if (!(await inTime('the bytes', file)).equals(bytes)) throw new Error('other bytes came');
  ok('streams of text and of bytes arrive whole');
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
