// Runs inside the page, beside `page.mjs`: a voice that is exactly known is said into the room, and what is heard of
// somebody is written down sample by sample.
export async function talkInPage(recorder) {
  const { Track } = window.LivekitClient;
  const { kit } = window;
  const context = new AudioContext({ sampleRate: 48_000 });
  const mouth = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
  const microphone = (identity) =>
    (identity ? kit.room.remoteParticipants.get(identity) : kit.room.localParticipant)?.getTrackPublication(Track.Source.Microphone)?.track;
  const silence = new ConstantSourceNode(context, { offset: 0 });
  silence.connect(mouth);
  silence.start();
  // A microphone has one channel, and says so as soon as something has come through.
  const [track] = mouth.stream.getAudioTracks();
  while (track.getSettings().channelCount !== 1) await new Promise((done) => setTimeout(done, 50));
  await context.audioWorklet.addModule(URL.createObjectURL(new Blob([recorder], { type: 'text/javascript' })));
  let ear = null;
  const heardFor = () => ear.pieces.length / 10;

  kit.counted = {};
  setInterval(() => void kit.counts().then((found) => (kit.counted = found)), 200);
  const delays = new Map();
  setInterval(async () => {
    for (const identity of kit.room.remoteParticipants.keys()) {
      const now = (await kit.counts(identity))['inbound-rtp'];
      const before = delays.get(identity)?.now ?? now;
      const emitted = now && now.jitterBufferEmittedCount - before.jitterBufferEmittedCount;
      const delay = emitted > 0 ? (now.jitterBufferDelay - before.jitterBufferDelay) / emitted : Infinity;
      if (now) delays.set(identity, { now, delay, at: (delays.get(identity)?.at ?? 0) + 1 });
    }
  }, 2_000);

  Object.assign(kit, {
    publishMouth: () => kit.room.localParticipant.publishTrack(track, { source: Track.Source.Microphone }),
    /** Answers when it has ended. */
    speak: async (wave) => {
      const bytes = Uint8Array.from(atob(wave), (letter) => letter.charCodeAt(0));
      const source = new AudioBufferSourceNode(context, { buffer: await context.decodeAudioData(bytes.buffer) });
      source.connect(mouth);
      source.start();
      await new Promise((done) => source.addEventListener('ended', done));
    },
    /** How long sound has waited in its receiver in the last look, in seconds, and how many looks there were. */
    evenness: (identity) => delays.get(identity) ?? { at: 0 },
    /** Begins to write down what is heard of somebody. */
    listen: (identity) => {
      const node = new AudioWorkletNode(context, 'recorder', { numberOfOutputs: 0, channelCount: 1, channelCountMode: 'explicit' });
      const mediaStream = new MediaStream([microphone(identity).mediaStreamTrack]);
      const pieces = [];
      node.port.onmessage = ({ data }) => pieces.push(data);
      ear = { pieces, node, source: new MediaStreamAudioSourceNode(context, { mediaStream }) };
      ear.source.connect(node);
    },
    /** Answers when so many seconds more have been written down. */
    hearOn: async (seconds) => {
      const until = heardFor() + seconds;
      while (heardFor() < until) await new Promise((done) => setTimeout(done, 100));
    },
    /** Answers what was written down: 16 bits a sample, 48,000 a second, in base64. */
    heardSound: () => {
      ear.source.disconnect();
      ear.node.port.postMessage('over');
      const all = new Blob(ear.pieces.map((piece) => Int16Array.from(piece, (sample) => Math.max(-1, Math.min(1, sample)) * 32_767)));
      return new Promise((done) => {
        const reader = new FileReader();
        reader.onload = () => done(reader.result.split(',')[1]);
        reader.readAsDataURL(all);
      });
    },
    /** What the receiver of somebody's sound counts, or the sender of one's own. */
    counts: async (identity) => {
      const found = {};
      (await microphone(identity)?.getRTCStatsReport())?.forEach((line) => {
        if (['inbound-rtp', 'outbound-rtp'].includes(line.type)) found[line.type] = line;
      });
      return found;
    },
  });
}
