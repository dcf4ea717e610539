//! What a client sends on one line, packet by packet, at its times.

use std::time::{Duration, Instant};

use kloud_sfu::{Codec, Kind};
use str0m::Rtc;
use str0m::format;
use str0m::media::{Mid, Pt, Rid};
use str0m::rtp::{ExtensionValues, RtpWrite};

use crate::coded::Coded;
use crate::pace::Steady;
use crate::peer::Shape;
use crate::recording::{CAMERA, Layer, Recording, VOICE, vp8_payloads};

/// Between two packets of a pattern.
const PACE: Duration = Duration::from_millis(4);
/// Between two packets of one who is silent, as Opus sends them.
const SILENCE: Duration = Duration::from_millis(400);
/// Ticks of the RTP clock at which a stream begins, so that none begins at zero.
const FIRST_TICK: u32 = 90_000;
/// Below full scale, of speech and of silence.
const SPEECH: i8 = -25;
const NOTHING: i8 = -127;

/// A stream that is agreed on a line.
#[derive(Debug)]
pub struct Stream {
    pub on: bool,
    pub feed: Feed,
}

#[derive(Debug)]
pub enum Feed {
    Pattern(Pattern),
    Camera(Camera),
    Voice(Voice),
    Coded(Coded),
    Steady(Steady),
}

/// Where packets are written.
pub struct Line<'a> {
    pub rtc: &'a mut Rtc,
    pub mid: Mid,
}

impl Line<'_> {
    /// `false` while the line is not agreed.
    pub fn write(&mut self, rid: Option<Rid>, packet: impl FnOnce(Pt) -> RtpWrite) -> bool {
        let Some(pt) = self.rtc.media(self.mid).and_then(|m| m.remote_pts().first().copied()) else { return false };
        let mut api = self.rtc.direct_api();
        let stream = api.stream_tx_by_mid(self.mid, rid);
        stream.map(|stream| stream.write_rtp(packet(pt))).is_some()
    }

    /// As [`Line::write`], under a number of the caller's choice.
    pub fn write_as(&mut self, number: Pt, packet: impl FnOnce(Pt) -> RtpWrite) -> bool {
        let is_agreed = self.rtc.media(self.mid).is_some_and(|m| !m.remote_pts().is_empty());
        let mut api = self.rtc.direct_api();
        let stream = api.stream_tx_by_mid(self.mid, None).filter(|_| is_agreed);
        stream.map(|stream| stream.write_rtp(packet(number))).is_some()
    }

    /// The numbers of sound, alone and with redundancy.
    pub fn opus(&self) -> Option<(Pt, Option<Pt>)> {
        let known = self.rtc.codec_config().params().iter().find(|p| p.spec().codec == format::Codec::Opus)?;
        Some((known.pt(), known.red()))
    }
}

impl Feed {
    pub fn shape(&self) -> Shape {
        match self {
            Feed::Pattern(pattern) if pattern.kind == Kind::Video => Shape::Picture,
            Feed::Pattern(_) | Feed::Voice(_) => Shape::Sound,
            Feed::Camera(_) => Shape::Layers,
            Feed::Coded(coded) if coded.codec() == Codec::Opus => Shape::Sound,
            Feed::Coded(_) => Shape::Picture,
            Feed::Steady(steady) if steady.pace.kind == Kind::Audio => Shape::Sound,
            Feed::Steady(_) => Shape::Picture,
        }
    }

    /// Sends what is due and says when the next is. It counts nothing that the line does not take yet.
    pub fn send(&mut self, line: &mut Line<'_>, now: Instant) -> Instant {
        match self {
            Feed::Pattern(pattern) => pattern.send(line, now),
            Feed::Camera(camera) => camera.send(line, now),
            Feed::Voice(voice) => voice.send(line, now),
            Feed::Coded(coded) => coded.send(line, now),
            Feed::Steady(steady) => steady.send(line, now),
        }
    }
}

/// The same packet again and again; of video, each is a keyframe. For tests that count.
#[derive(Debug)]
pub struct Pattern {
    kind: Kind,
    sent: u64,
    due: Option<Instant>,
}

impl Pattern {
    pub fn of(kind: Kind) -> Self {
        Self { kind, sent: 0, due: None }
    }

    fn send(&mut self, line: &mut Line<'_>, now: Instant) -> Instant {
        let due = self.due.unwrap_or(now);
        if due > now {
            return due;
        }
        let sent = self.sent + 1;
        let payload = match self.kind {
            Kind::Audio => vec![0xfc; 40],
            Kind::Video => vp8_payloads(&[0; 300], sent as u16 & 0x7fff).next().expect("a packet"),
        };
        let time = (sent as u32).wrapping_mul(self.kind.clock_rate() / 250);
        if line.write(None, |pt| RtpWrite::new(pt, sent.into(), time, now, payload).marker(true)) {
            self.sent = sent;
        }
        *self.due.insert(now + PACE)
    }
}

/// The numbers of one RTP stream.
#[derive(Debug, Default)]
struct Numbers {
    sent: u64,
    began: Option<Instant>,
}

impl Numbers {
    /// The next sequence number, and the time of what is captured `at`.
    fn next(&mut self, at: Instant, clock_rate: u32) -> (u64, u32) {
        self.sent += 1;
        let since = at.saturating_duration_since(*self.began.get_or_insert(at));
        let ticks = since.as_micros() * u128::from(clock_rate) / 1_000_000;
        (self.sent, FIRST_TICK.wrapping_add(ticks as u32))
    }
}

/// A recorded camera in all its layers, over and over.
#[derive(Debug)]
pub struct Camera {
    layers: Vec<Sent>,
}

#[derive(Debug)]
struct Sent {
    layer: &'static Layer,
    numbers: Numbers,
    picture: u16,
    /// Of the recording, the next.
    frame: usize,
    due: Option<Instant>,
    on: bool,
}

impl Camera {
    pub fn new() -> Self {
        let sent = |layer| Sent { layer, numbers: Numbers::default(), picture: 0, frame: 0, due: None, on: true };
        Self { layers: CAMERA.iter().map(sent).collect() }
    }

    /// Begins a layer anew, with its keyframe; all of them if none is named.
    pub fn restart(&mut self, rid: Option<Rid>) {
        for layer in self.layers.iter_mut().filter(|l| rid.is_none_or(|rid| *rid == *l.layer.rid)) {
            layer.frame = 0;
        }
    }

    /// Sends a layer or not. It comes back with a keyframe.
    pub fn set_layer(&mut self, index: usize, on: bool) {
        if let Some(layer) = self.layers.get_mut(index)
            && layer.on != on
        {
            (layer.on, layer.frame) = (on, 0);
        }
    }

    fn send(&mut self, line: &mut Line<'_>, now: Instant) -> Instant {
        self.layers.iter_mut().map(|layer| layer.send(line, now)).min().expect("there are layers")
    }
}

impl Sent {
    fn send(&mut self, line: &mut Line<'_>, now: Instant) -> Instant {
        let Recording { rate, frames, .. } = &self.layer.recording;
        let every = Duration::from_secs(1) / *rate;
        let mut due = self.due.unwrap_or(now);
        if due <= now {
            if self.on && self.send_frame(line, due, &frames[self.frame]) {
                self.frame = (self.frame + 1) % frames.len();
            }
            // Whoever was held up does not catch up: a camera has no past.
            due = (due + every).max(now);
            self.due = Some(due);
        }
        due
    }

    fn send_frame(&mut self, line: &mut Line<'_>, at: Instant, frame: &[u8]) -> bool {
        self.picture = (self.picture + 1) & 0x7fff;
        let payloads = vp8_payloads(frame, self.picture);
        let count = payloads.len();
        let mut is_sent = true;
        for (n, payload) in payloads.enumerate() {
            let numbers = &mut self.numbers;
            is_sent &= line.write(Some(Rid::from(self.layer.rid)), |pt| {
                let (seq, time) = numbers.next(at, Kind::Video.clock_rate());
                RtpWrite::new(pt, seq.into(), time, at, payload).marker(n + 1 == count).nackable(true)
            });
        }
        is_sent
    }
}

/// A recorded voice that speaks or is silent.
#[derive(Debug, Default)]
pub struct Voice {
    pub speaks: bool,
    numbers: Numbers,
    frame: usize,
    due: Option<Instant>,
}

impl Voice {
    /// Begins or ends to speak, at once.
    pub fn speak(&mut self, on: bool) {
        (self.speaks, self.due) = (on, None);
    }

    fn send(&mut self, line: &mut Line<'_>, now: Instant) -> Instant {
        let due = self.due.unwrap_or(now);
        if due > now {
            return due;
        }
        let every = if self.speaks { Duration::from_secs(1) / VOICE.rate } else { SILENCE };
        let frame = &VOICE.frames[self.frame % VOICE.frames.len()];
        self.frame += 1;
        // The first byte alone says: nothing for the time of this packet (RFC 6716 section 3.1).
        let payload = if self.speaks { frame.to_vec() } else { frame[..1].to_vec() };
        let level = if self.speaks { SPEECH } else { NOTHING };
        let extensions = ExtensionValues {
            audio_level: Some(level),
            voice_activity: Some(self.speaks),
            ..ExtensionValues::default()
        };
        let numbers = &mut self.numbers;
        line.write(None, |pt| {
            let (seq, time) = numbers.next(due, Kind::Audio.clock_rate());
            RtpWrite::new(pt, seq.into(), time, due, payload).ext_vals(extensions)
        });
        *self.due.insert((due + every).max(now))
    }
}
