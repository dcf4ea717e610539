// Unchanged livekit-server-sdk: every method of its RoomServiceClient, and every webhook through its WebhookReceiver.
// A Python participant is who is listed, muted, changed, called and removed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AccessToken, DataPacket_Kind, EgressClient, IngressClient, RoomServiceClient, WebhookReceiver } from 'livekit-server-sdk';

const { values: args } = parseArgs({
  options: {
    url: { type: 'string' },
    key: { type: 'string' },
    secret: { type: 'string' },
    room: { type: 'string', default: 'interop-server' },
    // The port that the server under test sends its webhooks to.
    hooks: { type: 'string' },
  },
});
const DEADLINE = 30_000;
const rooms = new RoomServiceClient(args.url.replace('ws', 'http'), args.key, args.secret);

function ok(text) {
  console.log(`ok  ${text}`);
}

/** Something that grows, and a way to wait until it holds what is looked for. */
function growing() {
  const list = [];
  let wake = () => {};
  const push = (item) => {
    list.push(item);
    wake();
  };
  async function find(what, fits) {
    const end = Date.now() + DEADLINE;
    for (;;) {
      const found = list.find(fits);
      if (found) return found;
      if (Date.now() > end) throw new Error(`never came: ${what}; have ${JSON.stringify(list)}`);
      await new Promise((done) => {
        wake = done;
        setTimeout(done, 1_000);
      });
    }
  }
  return { list, push, find };
}

/** Takes webhooks and checks each as an application would. */
async function listen() {
  const hooks = growing();
  const receiver = new WebhookReceiver(args.key, args.secret);
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const event = await receiver.receive(Buffer.concat(chunks).toString(), request.headers.authorization);
    if (event.room?.name.startsWith(args.room)) hooks.push(event);
    response.end();
  });
  await new Promise((done) => server.listen(Number(args.hooks), '127.0.0.1', done));
  return { hooks, close: () => server.close() };
}

/** A Python participant that publishes, and tells what it gets. */
function participant(identity, room = args.room) {
  const script = fileURLToPath(new URL('../python/peer.py', import.meta.url));
  const options = ['--url', args.url, '--key', args.key, '--secret', args.secret, '--room', room];
  const command = [script, ...options, '--identity', identity];
  const child = spawn(process.env.PYTHON ?? 'python3', command, { stdio: ['pipe', 'pipe', 'inherit'] });
  const told = growing();
  createInterface({ input: child.stdout }).on('line', (line) => told.push(JSON.parse(line)));
  return { told, event: (name, fits = () => true) => told.find(name, (t) => t.event === name && fits(t)), child };
}

async function refused(code, work) {
  await assert.rejects(work, (error) => error.code === code, `expected ${code}`);
}

/** The one method that the client does not have. */
async function performRpc(method, payload) {
  const token = new AccessToken(args.key, args.secret);
  token.addGrant({ roomAdmin: true, room: args.room });
  const response = await fetch(`${args.url.replace('ws', 'http')}/twirp/livekit.RoomService/PerformRpc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await token.toJwt()}` },
    body: JSON.stringify({ room: args.room, destinationIdentity: 'ada', method, payload }),
  });
  return { status: response.status, ...(await response.json()) };
}

async function aboutRooms() {
  const made = await rooms.createRoom({ name: args.room, emptyTimeout: 60, departureTimeout: 30, maxParticipants: 5, metadata: 'made' });
  assert.match(made.sid, /^RM_/);
  assert.deepEqual([made.emptyTimeout, made.departureTimeout, made.maxParticipants, made.metadata], [60, 30, 5, 'made']);
  assert.equal((await rooms.createRoom({ name: args.room })).sid, made.sid);
  assert.deepEqual((await rooms.listRooms([args.room])).map((room) => room.sid), [made.sid]);
  assert.deepEqual(await rooms.listRooms(['no such room']), []);
  assert.equal((await rooms.updateRoomMetadata(args.room, 'changed')).metadata, 'changed');
  ok('a room is made once, listed, and told of otherwise');
}

/** Ada goes to a room that is made for her, meets bob there, and comes back; then she is shown to him from where she is. */
async function aboutMoving(ada) {
  const [here, hall] = [args.room, `elsewhere-${args.room}`];
  const names = async (room) => (await rooms.listParticipants(room)).map((person) => person.identity).sort();
  let told;
  for (const end = Date.now() + DEADLINE; told?.tracks.length !== 2 && Date.now() < end; ) {
    told = await rooms.getParticipant(here, 'ada');
  }
  await refused('not_found', () => rooms.moveParticipant(here, 'nobody', hall));
  await refused('not_found', () => rooms.moveParticipant('no such room', 'ada', hall));
  await rooms.moveParticipant(here, 'ada', hall);
  await ada.event('moved', (t) => t.room === hall && t.people.length === 0);
  const bob = participant('bob', hall);
  for (const [one, other] of [[bob, 'ada'], [ada, 'bob']]) {
    await one.event('sound', (t) => t.of === other && t.energy > 0);
    await one.event('picture', (t) => t.of === other);
  }
  assert.deepEqual([await names(here), await names(hall)], [[], ['ada', 'bob']]);
  const sids = (person) => [person.sid, ...person.tracks.map((track) => track.sid).sort()];
  assert.deepEqual(sids(await rooms.getParticipant(hall, 'ada')), sids(told), 'the same session with the same tracks');
  await rooms.moveParticipant(hall, 'ada', here);
  await ada.event('moved', (t) => t.room === here && t.people.length === 0);
  assert.deepEqual([await names(here), await names(hall)], [['ada'], ['bob']]);
  ok('a person is moved to another room, is heard and seen there, and comes back');

  const start = bob.told.list.length;
  const since = (fits) => (t) => bob.told.list.indexOf(t) >= start && fits(t);
  await rooms.forwardParticipant(here, 'ada', hall);
  await bob.event('sound', since((t) => t.of === 'ada' && t.energy > 0));
  await bob.event('picture', since((t) => t.of === 'ada'));
  assert.deepEqual([await names(here), await names(hall)], [['ada'], ['ada', 'bob']]);
  await refused('already_exists', () => rooms.forwardParticipant(here, 'ada', hall));
  await refused('failed_precondition', () => rooms.updateParticipant(hall, 'ada', { name: 'Mallory' }));
  await rooms.removeParticipant(hall, 'ada');
  assert.deepEqual([await names(here), await names(hall)], [['ada'], ['bob']]);
  bob.child.kill();
  await rooms.deleteRoom(hall);
  ok('a person is shown in another room too, as long as that is wanted');
}

async function aboutPeople(ada) {
  const everybody = await rooms.listParticipants(args.room);
  assert.deepEqual(everybody.map((p) => p.identity), ['ada']);
  // Others hear of a track when its line is agreed, a little after its owner has asked for it.
  let found = await rooms.getParticipant(args.room, 'ada');
  for (const end = Date.now() + DEADLINE; found.tracks.length < 2 && Date.now() < end; ) {
    found = await rooms.getParticipant(args.room, 'ada');
  }
  const sound = found.tracks.find((track) => track.source === 2);
  assert.ok(sound && !sound.muted, 'the microphone is on');
  await refused('not_found', () => rooms.getParticipant(args.room, 'nobody'));
  ok('people and their tracks are listed');

  assert.ok((await rooms.mutePublishedTrack(args.room, 'ada', sound.sid, true)).muted);
  await refused('failed_precondition', () => rooms.mutePublishedTrack(args.room, 'ada', sound.sid, false));
  ok('a track is muted, and not unmuted');

  const changed = await rooms.updateParticipant(args.room, 'ada', {
    name: 'Ada L.',
    metadata: 'm',
    attributes: { a: '1' },
    permission: { canPublish: true, canSubscribe: true, canPublishData: true, canUpdateMetadata: true },
  });
  assert.deepEqual([changed.name, changed.metadata, changed.attributes.a, changed.permission.canUpdateMetadata], ['Ada L.', 'm', '1', true]);
  await ada.event('told', (t) => t.name === 'Ada L.');
  await rooms.updateSubscriptions(args.room, 'ada', [sound.sid], true);
  ok('what is told of a person changes, and what they may do');

  await rooms.sendData(args.room, new TextEncoder().encode('from outside'), DataPacket_Kind.RELIABLE, { destinationIdentities: ['ada'], topic: 't' });
  await ada.event('data', (t) => t.text === 'from outside');
  ok('a message from outside arrives');

  assert.deepEqual(await performRpc('echo', 'hi'), { status: 200, payload: 'ih' });
  const unknown = await performRpc('none', '');
  assert.deepEqual([unknown.status, unknown.code, unknown.meta.rpc_code], [400, 'invalid_argument', '1400']);
  ok('a remote call is answered');
  return sound;
}

async function main() {
  const application = args.hooks ? await listen() : undefined;
  await aboutRooms();
  const ada = participant('ada');
  await ada.event('ready');
  await aboutMoving(ada);
  await aboutPeople(ada);
  const stranger = new RoomServiceClient(args.url.replace('ws', 'http'), args.key, 'another-secret-of-32-characters!!');
  await refused('unauthenticated', () => stranger.listRooms());
  assert.deepEqual(await new EgressClient(args.url.replace('ws', 'http'), args.key, args.secret).listEgress(), []);
  assert.deepEqual(await new IngressClient(args.url.replace('ws', 'http'), args.key, args.secret).listIngress(), []);
  ok('what is not offered says so');

  await rooms.removeParticipant(args.room, 'ada');
  await ada.event('gone');
  await refused('not_found', () => rooms.removeParticipant(args.room, 'ada'));
  await rooms.deleteRoom(args.room);
  await refused('not_found', () => rooms.deleteRoom(args.room));
  ada.child.kill();
  ok('people are removed, and rooms');

  if (application) {
    await application.hooks.find('the end', (event) => event.event === 'room_finished');
    const names = application.hooks.list.map((event) => event.event);
    // She comes twice: by herself, and from the other room.
    const stay = ['participant_joined', 'participant_left'];
    assert.deepEqual(names.filter((name) => !name.startsWith('track_')), ['room_started', ...stay, ...stay, 'room_finished']);
    assert.deepEqual(names.filter((name) => name.startsWith('track_')).sort(), [...Array(4).fill('track_published'), ...Array(4).fill('track_unpublished')]);
    ok('all webhooks came, in order and signed');
    application.close();
  }
}

try {
  await main();
  process.exit(0);
} catch (error) {
  console.error(error);
  process.exit(1);
}
