// Runs inside the page: one room of livekit-client and probes of what it really receives.
export function inPage(options = {}) {
  const { Room, RoomEvent, Track, VideoPresets } = window.LivekitClient;
  const room = new Room({
    adaptiveStream: true,
    dynacast: true,
    // Two layers: three of a large picture in two browsers leave a small machine no time for the rest.
    videoCaptureDefaults: { resolution: VideoPresets.h360.resolution },
    ...options,
  });
  const stats = new Map();
  const kit = { room, heard: [], layers: {}, looks: {}, resumed: 0, restarted: 0 };
  const sources = { camera: Track.Source.Camera, microphone: Track.Source.Microphone };
  const publication = (identity, source) =>
    room.remoteParticipants.get(identity)?.getTrackPublication(sources[source]);
  const stat = (identity, source) => stats.get(publication(identity, source)?.trackSid) ?? {};

  room.on(RoomEvent.DataReceived, (bytes, from) => {
    kit.heard.push({ text: new TextDecoder().decode(bytes), from: from?.identity });
  });
  room.on(RoomEvent.Reconnected, () => {
    if (kit.restarting) kit.restarted += 1;
    else kit.resumed += 1;
  });
  room.on(RoomEvent.TrackSubscribed, (track) => {
    const element = track.attach();
    element.muted = track.kind === Track.Kind.Video;
    // A client asks for nothing that is out of sight.
    Object.assign(element.style, { position: 'fixed', top: 0, left: 0, width: '640px' });
    document.body.append(element);
    void element.play();
  });
  room.on(RoomEvent.TrackUnsubscribed, (track) => track.detach().forEach((element) => element.remove()));

  // What the receivers decoded and the camera sends, a few times a second.
  setInterval(async () => {
    const camera = room.localParticipant.getTrackPublication(Track.Source.Camera)?.track;
    (await camera?.getRTCStatsReport())?.forEach((line) => {
      if (line.type !== 'outbound-rtp') return;
      const known = kit.layers[line.rid];
      const sends = line.framesEncoded > (known?.encoded ?? 0);
      kit.layers[line.rid] = { width: line.frameWidth, encoded: line.framesEncoded, at: sends ? performance.now() : known?.at };
    });
    for (const person of room.remoteParticipants.values()) {
      for (const shown of person.trackPublications.values()) {
        const report = await shown.track?.getRTCStatsReport();
        report?.forEach((line) => {
          if (line.type === 'inbound-rtp') {
            stats.set(shown.trackSid, { ...line, codec: report.get(line.codecId)?.mimeType.toLowerCase() });
          }
          if (line.type !== 'transport') return;
          const pair = report.get(line.selectedCandidatePairId);
          kit.protocol = report.get(pair?.remoteCandidateId)?.protocol;
          kit.trip = 1_000 * (pair?.currentRoundTripTime ?? 0);
        });
      }
    }
  }, 200);

  /** A camera before which so much happens that its encoder takes all it may: a browser's own fake is encoded at once. */
  function lively() {
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
    const pen = canvas.getContext('2d');
    const any = (most) => Math.floor(Math.random() * most);
    setInterval(() => {
      for (let n = 0; n < 4; n += 1) {
        pen.fillStyle = `rgb(${any(256)} ${any(256)} ${any(256)})`;
        pen.fillRect(any(640), any(360), 8 + any(12), 8 + any(12));
      }
    }, 50);
    return canvas.captureStream(20).getVideoTracks()[0];
  }

  Object.assign(kit, {
    join: async (url, token) => {
      const began = performance.now();
      await room.connect(url, token);
      return Math.round(performance.now() - began);
    },
    leave: () => room.disconnect(),
    preview: async () => {
      const devices = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
      devices.getTracks().forEach((track) => track.stop());
    },
    publish: () => room.localParticipant.enableCameraAndMicrophone(),
    publishLively: async () => {
      await room.localParticipant.setMicrophoneEnabled(true);
      await room.localParticipant.publishTrack(lively(), { source: Track.Source.Camera });
    },
    setCamera: async (on) => {
      const own = room.localParticipant.getTrackPublication(Track.Source.Camera);
      await (on ? own.unmute() : own.mute());
    },
    unpublishCamera: async () => {
      const own = room.localParticipant.getTrackPublication(Track.Source.Camera);
      await room.localParticipant.unpublishTrack(own.track);
    },
    publishCamera: () => room.localParticipant.setCameraEnabled(true),
    publishAs: (options, capture) => room.localParticipant.setCameraEnabled(true, capture, options),
    publishMicrophone: () => room.localParticipant.setMicrophoneEnabled(true),
    /** Codecs that this browser can encode. */
    encodes: () => window.RTCRtpSender.getCapabilities('video').codecs.map((codec) => codec.mimeType.toLowerCase()),
    codec: (identity, source) => stat(identity, source).codec,
    /** How many pieces of sound came once more than needed, for each packet. */
    copies: (identity) => {
      const { packetsDiscarded = 0, packetsReceived = 0 } = stat(identity, 'microphone');
      return packetsReceived > 50 ? packetsDiscarded / packetsReceived : 0;
    },
    say: (text, to) =>
      room.localParticipant.publishData(new TextEncoder().encode(text), { reliable: true, destinationIdentities: to }),
    tile: (identity, width) => {
      const element = publication(identity, 'camera').track.attachedElements[0];
      element.style.width = `${width}px`;
      element.style.height = `${Math.round((width * 9) / 16)}px`;
    },
    /** Widths of the layers that the camera sends now, by their names. */
    sends: () =>
      Object.fromEntries(
        Object.entries(kit.layers)
          .filter(([, layer]) => layer.at > performance.now() - 1500)
          .map(([rid, layer]) => [rid, layer.width]),
      ),
    resume: () => room.simulateScenario('signal-reconnect'),
    restart: () => {
      kit.restarting = true;
      return room.simulateScenario('full-reconnect');
    },
    has: (identity, source) => Boolean(publication(identity, source)?.track),
    muted: (identity, source) => publication(identity, source)?.isMuted === true,
    frames: (identity, source) => stat(identity, source).framesDecoded ?? 0,
    /** Kilobits a second of a picture, over the last two seconds of looks. */
    rate: (identity, source) => {
      const { bytesReceived = 0 } = stat(identity, source);
      const looks = (kit.looks[`${identity} ${source}`] ??= []);
      looks.push([performance.now(), bytesReceived]);
      while (looks.length > 2 && looks[1][0] < performance.now() - 2000) looks.shift();
      const [[from, before], [to, now]] = [looks[0], looks.at(-1)];
      return to - from < 2000 ? 0 : ((now - before) * 8) / (to - from);
    },
    /** The server has said that the picture waits for a better line. */
    paused: (identity) => publication(identity, 'camera')?.track?.streamState === 'paused',
    width: (identity, source) => stat(identity, source).frameWidth ?? 0,
    energy: (identity, source) => stat(identity, source).totalAudioEnergy ?? 0,
    // The event of a change is swallowed by a client that is still connecting; what it knows is not.
    speaks: (identity) => room.activeSpeakers.some((p) => p.identity === identity),
    /** Packets of sound: come and lost. */
    sound: (identity) => {
      const { packetsReceived = 0, packetsLost = 0 } = stat(identity, 'microphone');
      return { came: packetsReceived, lost: packetsLost };
    },
    /** The way of the packets: udp or tcp. */
    way: () => kit.protocol,
    /** Milliseconds there and back, as the checks of the way measured them last. */
    roundTrip: () => kit.trip,
    reconnects: () => kit.resumed + kit.restarted,
    people: (identity) => [...room.remoteParticipants.values()].filter((p) => p.identity === identity).map((p) => p.sid),
    quality: (identity) =>
      (identity ? room.remoteParticipants.get(identity) : room.localParticipant)?.connectionQuality,
    sids: () => [
      room.localParticipant.sid,
      ...[...room.localParticipant.trackPublications.values()].map((p) => p.trackSid).sort(),
    ],
    describe: () => ({
      state: room.state,
      sends: kit.sends(),
      speaking: room.activeSpeakers.map((p) => p.identity),
      quality: room.localParticipant.connectionQuality,
      people: [...room.remoteParticipants.values()].map((p) => ({
        identity: p.identity,
        quality: p.connectionQuality,
        tracks: [...p.trackPublications.values()].map((t) => ({
          source: t.source,
          sid: t.trackSid,
          subscribed: t.isSubscribed,
          muted: t.isMuted,
          frames: stats.get(t.trackSid)?.framesDecoded,
          width: stats.get(t.trackSid)?.frameWidth,
          codec: stats.get(t.trackSid)?.codec,
          energy: stats.get(t.trackSid)?.totalAudioEnergy,
          packets: stats.get(t.trackSid)?.packetsReceived,
          concealed: stats.get(t.trackSid)?.concealedSamples,
          samples: stats.get(t.trackSid)?.totalSamplesReceived,
          playing: t.track?.attachedElements.map((element) => !element.paused),
        })),
      })),
    }),
  });
  window.kit = kit;
}
