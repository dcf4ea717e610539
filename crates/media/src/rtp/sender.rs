//! What leaves on one connection, in which order and when.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kloud_sfu::{Congestion, Kind, patch_vp8};
use str0m::Rtc;
use str0m::config::CryptoProvider;
use str0m::media::Mid;

use super::header::{Extensions, Header};
use super::keys::Keys;
use super::line::{Line, Outgoing};
use super::report::{self, Block, Said, Told};
use super::srtp::{Opener, Sealer};
use crate::mono;

/// Bits per second that a connection is thought to carry before anything is known.
const FIRST_GUESS: u64 = 2_000_000;
/// How often clients are told the time of what they get: of pictures, and of sound alone.
const REPORT_VIDEO: Duration = Duration::from_millis(1_000);
const REPORT_AUDIO: Duration = Duration::from_millis(2_500);
/// Where nothing has left for so long nothing is filled up either: everybody is muted and nobody shows anything. It would
/// cost each phone a data volume to know what a connection carries that carries nothing.
const RESTS: Duration = Duration::from_secs(3);
/// Congestion control is not asked more often than this.
const FINEST: Duration = Duration::from_millis(2);
/// Most packets of pictures that wait in front of a line.
const MAX_WAITING: usize = 4_096;
/// Most packets that wait to be sent again.
const MAX_AGAIN: usize = 512;
/// Bytes of a packet that only fills up, the last of which says so (RFC 3550 section 5.1).
const FILLING: usize = 224;
/// What a packet holds that goes again into one that fills up, at most.
const FILLING_MAX: usize = 1_400;
/// Bytes of all headers of a packet of pictures, nearly: its own, UDP's and IPv4's.
const HEADERS: usize = 56;
/// Bytes in front of what is sent again: the number that it had (RFC 4588 section 4).
const ORIGINAL: usize = 2;

/// A packet that is ready to be sealed.
#[derive(Clone, Copy, Debug)]
pub struct Leaving {
    pub kind: Kind,
    pub is_again: bool,
    /// Bytes of the sealed packet.
    pub bytes: usize,
    header: usize,
    ssrc: u32,
    seq: u64,
}

/// What the client has said that concerns others.
#[derive(Debug, Default)]
pub struct Heard {
    /// Lines whose picture it lost.
    pub keyframes: Vec<Mid>,
    /// What it got of each line, with the time there and back.
    pub reports: Vec<(Mid, Block, Option<Duration>)>,
    /// It has said when packets arrived.
    pub arrivals: bool,
    /// It has said something of what it sends itself.
    pub of_itself: bool,
}

/// What has arrived of what was sent since it was last asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Window {
    pub bytes: u64,
    /// Of those, what was sent again or only filled up.
    pub again: u64,
    /// Of the last packet that the client has told of.
    pub round_trip: Option<Duration>,
    arrived: u32,
    lost: u32,
}

impl Window {
    /// The part that was lost, if the client said anything.
    pub fn loss(&self) -> Option<f32> {
        let all = self.arrived + self.lost;
        (all > 0).then(|| self.lost as f32 / all as f32)
    }
}

#[derive(Debug)]
struct Waiting {
    line: usize,
    outgoing: Outgoing,
    since: Instant,
}

pub struct Sender {
    start: Instant,
    crypto: Arc<CryptoProvider>,
    sealer: Option<Sealer>,
    opener: Option<Opener>,
    /// Opens what the stack has sealed.
    own: Option<Opener>,
    lines: Vec<Line>,
    /// What leaves at once, and what leaves at a pace.
    unpaced: VecDeque<Waiting>,
    paced: VecDeque<Waiting>,
    again: VecDeque<(usize, u64)>,
    /// Bytes that are left to fill up.
    filling: usize,
    pub congestion: Congestion,
    /// The packet that leaves next, not sealed yet.
    plain: Vec<u8>,
    /// When clients are told the time next.
    told_at: Option<Instant>,
    /// When time last passed for congestion control.
    asked_at: Option<Instant>,
    /// When something last left that was not to fill up.
    left_at: Option<Instant>,
    /// When the pace allows the next packet.
    paced_at: Option<Instant>,
    window: Window,
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("lines", &self.lines).finish_non_exhaustive()
    }
}

impl Sender {
    /// `start` is when the server's time begins.
    pub fn new(start: Instant, crypto: Arc<CryptoProvider>) -> Self {
        Self {
            start,
            crypto,
            sealer: None,
            opener: None,
            own: None,
            lines: Vec::new(),
            unpaced: VecDeque::new(),
            paced: VecDeque::new(),
            again: VecDeque::new(),
            filling: 0,
            congestion: Congestion::new(FIRST_GUESS),
            plain: Vec::new(),
            told_at: None,
            asked_at: None,
            left_at: None,
            paced_at: None,
            window: Window::default(),
        }
    }

    /// Takes the keys that were agreed on.
    pub fn agreed(&mut self, keys: &Keys) {
        let crypto = &*self.crypto;
        self.sealer = Sealer::new(crypto, keys);
        self.opener = Opener::new(crypto, keys, false);
        self.own = Opener::new(crypto, keys, true);
    }

    /// The place of a line, as it was agreed last.
    pub fn line(&mut self, rtc: &mut Rtc, mid: Mid, kind: Kind) -> Option<usize> {
        let (ssrc, repair) = {
            let mut api = rtc.direct_api();
            let stream = api.stream_tx_by_mid(mid, None)?;
            (*stream.ssrc(), stream.rtx().map(|ssrc| *ssrc))
        };
        let media = rtc.media(mid)?;
        let known = self.lines.iter().position(|line| line.mid == mid);
        let at = known.unwrap_or(self.lines.len());
        if known.is_none() {
            self.lines.push(Line::new(mid, kind, ssrc, repair));
        }
        let line = self.lines.get_mut(at)?;
        if (line.ssrc, line.kind) != (ssrc, kind) {
            // Another stream, with numbers of its own.
            *line = Line::new(mid, kind, ssrc, repair);
        }
        line.repair = repair;
        line.extensions = Extensions::of(media);
        let agreed = |number| media.remote_pts().contains(&number);
        let mut codecs = rtc.codec_config().params().iter().filter(|codec| agreed(codec.pt()));
        line.filler = codecs.find_map(|codec| codec.resend()).map(|number| *number);
        media.cname().clone_into(&mut line.cname);
        Some(at)
    }

    pub fn ssrc(&self, line: usize) -> Option<u32> {
        self.lines.get(line).map(|line| line.ssrc)
    }

    /// Puts a packet on a line. It leaves with [`Self::next`].
    pub fn push(&mut self, line: usize, outgoing: Outgoing, unpaced: bool, now: Instant) {
        let Some(of) = self.lines.get(line) else { return };
        let waiting = Waiting { line, outgoing, since: now };
        if of.kind == Kind::Audio || unpaced {
            self.unpaced.push_back(waiting);
        } else if self.paced.len() < MAX_WAITING {
            self.paced.push_back(waiting);
        }
    }

    /// Whether something waits to be sent again.
    pub fn repeats(&self) -> bool {
        !self.again.is_empty()
    }

    /// Since when the oldest picture of a line waits.
    pub fn waits_since(&self, line: usize) -> Option<Instant> {
        self.paced.iter().find(|waiting| waiting.line == line).map(|waiting| waiting.since)
    }

    /// Drops what a line still has to send and what it keeps to send again. All its numbers go on.
    pub fn forget_waiting(&mut self, line: usize) {
        for queue in [&mut self.paced, &mut self.unpaced] {
            queue.retain(|waiting| waiting.line != line);
        }
        self.forget_sent(line);
    }

    /// What was lost on a line is not sent again.
    pub fn forget_sent(&mut self, line: usize) {
        self.again.retain(|(of, _)| *of != line);
        if let Some(line) = self.lines.get_mut(line) {
            line.forget();
        }
    }

    /// Makes the packet ready that leaves next, if one may.
    pub fn next(&mut self, now: Instant) -> Option<Leaving> {
        self.sealer.as_ref()?;
        while let Some(waiting) = self.unpaced.pop_front() {
            if let Some(leaving) = self.first(waiting, now) {
                return Some(leaving);
            }
        }
        self.paced_at = None;
        while !(self.again.is_empty() && self.paced.is_empty() && self.filling == 0) {
            if let Err(at) = self.congestion.may_leave(now) {
                self.paced_at = Some(at);
                return None;
            }
            let leaving = match (self.again.pop_front(), self.paced.pop_front()) {
                (Some((line, seq)), waiting) => {
                    waiting.into_iter().for_each(|waiting| self.paced.push_front(waiting));
                    self.repeated(line, seq, now)
                }
                (None, Some(waiting)) => self.first(waiting, now),
                (None, None) => self.fill(now),
            };
            if leaving.is_some() {
                return leaving;
            }
            if self.again.is_empty() && self.paced.is_empty() {
                self.filling = 0;
            }
        }
        None
    }

    /// Seals the packet that was made ready.
    pub fn seal(&mut self, leaving: &Leaving, sealed: &mut [u8]) -> Option<()> {
        self.sealer.as_mut()?.seal(&self.plain, leaving.header, leaving.ssrc, leaving.seq, sealed)
    }

    /// When this is to be asked again.
    pub fn due(&self) -> Option<Instant> {
        // Nothing can be done for it where there is nothing to fill up with.
        let can_fill = self.lines.iter().any(Line::fills);
        let congestion =
            self.congestion.next().filter(|at| can_fill && self.left_at.is_some_and(|left| *at < left + RESTS));
        let congestion = congestion.map(|at| self.asked_at.map_or(at, |asked| at.max(asked + FINEST)));
        [self.paced_at, self.told_at, congestion].into_iter().flatten().min()
    }

    /// Time passes: what fills up is due, or the client is told the time. The reports are sealed.
    pub fn advance(&mut self, now: Instant) -> Vec<Vec<u8>> {
        self.asked_at = Some(now);
        self.congestion.advance(now);
        self.filling = if self.rests(now) { 0 } else { self.congestion.padding(now) };
        if self.told_at.is_none_or(|at| at > now) {
            return Vec::new();
        }
        self.told_at = None;
        self.tell(now)
    }

    /// Whether nothing has left for a while but what fills up.
    pub fn rests(&self, now: Instant) -> bool {
        self.left_at.is_none_or(|left| now >= left + RESTS)
    }

    /// Seals what the stack reports of what the client sends. Both sides of the stack count their reports from nought,
    /// so they get the numbers of this side.
    pub fn reseal(&mut self, sealed: &[u8]) -> Option<Vec<u8>> {
        let plain = report::without_streams(&self.own.as_mut()?.open_report(sealed)?);
        if plain.is_empty() { None } else { self.sealer.as_mut()?.seal_report(&plain) }
    }

    /// Takes a report of the client; `None` if it is not genuine.
    pub fn hear(&mut self, sealed: &[u8], now: Instant) -> Option<Heard> {
        let plain = self.opener.as_mut()?.open_report(sealed)?;
        let mut heard = Heard::default();
        let clock = report::short(now.saturating_duration_since(self.start));
        report::read(&plain, |said| match said {
            Said::OfItself => heard.of_itself = true,
            Said::Keyframe(ssrc) => heard.keyframes.extend(self.find(ssrc).map(|(_, line)| line.mid)),
            Said::Report(block) => {
                let Some((_, line)) = self.find(block.ssrc).filter(|(_, line)| line.ssrc == block.ssrc) else { return };
                line.heard.lost = block.lost;
                heard.reports.push((line.mid, block, block.round_trip(clock)));
            }
            Said::Again(ssrc, numbers) => {
                let Some((at, line)) = self.find(ssrc) else { return };
                line.heard.asked += 1;
                let wanted: Vec<_> = numbers.iter().filter_map(|number| line.kept(*number)).collect();
                let room = MAX_AGAIN.saturating_sub(self.again.len());
                self.again.extend(wanted.into_iter().take(room).map(|seq| (at, seq)));
            }
            Said::Transport(arrivals) => {
                heard.arrivals = true;
                let arrived = arrivals.iter().filter(|(_, at)| at.is_some()).count() as u32;
                self.window.arrived += arrived;
                self.window.lost += arrivals.len() as u32 - arrived;
                self.congestion.feedback(now, arrivals.into_iter());
                self.window.round_trip = self.congestion.round_trip();
            }
        });
        Some(heard)
    }

    /// What has left on a line, and what the client has said of it.
    pub fn counted(&self, mid: Mid) -> Option<(u64, super::line::Heard)> {
        self.lines.iter().find(|line| line.mid == mid).map(|line| (line.packets, line.heard))
    }

    /// Ends the window in which arrivals are counted.
    pub fn window(&mut self) -> Window {
        std::mem::take(&mut self.window)
    }

    fn find(&mut self, ssrc: u32) -> Option<(usize, &mut Line)> {
        let belongs = |(_, line): &(usize, &mut Line)| line.ssrc == ssrc || line.repair == Some(ssrc);
        self.lines.iter_mut().enumerate().find(belongs)
    }

    /// A packet leaves for the first time.
    fn first(&mut self, waiting: Waiting, now: Instant) -> Option<Leaving> {
        let Waiting { line: at, outgoing, .. } = waiting;
        let line = self.lines.get_mut(at)?;
        if !line.takes(outgoing.seq) {
            return None;
        }
        let told_in = if line.kind == Kind::Video { REPORT_VIDEO } else { REPORT_AUDIO };
        let is_first = line.packets == 0;
        let ssrc = line.ssrc;
        let leaving = self.write(at, &outgoing, (ssrc, *outgoing.number, outgoing.seq), None, now)?;
        self.lines.get_mut(at)?.left(outgoing, now);
        self.left_at = Some(now);
        // The first packet comes with the time at once.
        let at = if is_first { now } else { mono::beat(self.start, mono::SLOW, now + told_in) };
        self.told_at = Some(self.told_at.map_or(at, |told| told.min(at)));
        Some(leaving)
    }

    /// A packet leaves again, on the repair line.
    fn repeated(&mut self, at: usize, seq: u64, now: Instant) -> Option<Leaving> {
        let line = self.lines.get_mut(at)?;
        let repair = line.repair?;
        let (outgoing, number) = line.again(seq, now)?;
        let codec = *outgoing.repair?;
        self.write(at, &outgoing, (repair, codec, number), Some(outgoing.seq as u16), now)
    }

    /// Something fills up: what left last, or nothing at all.
    fn fill(&mut self, now: Instant) -> Option<Leaving> {
        let room = self.filling.min(FILLING_MAX);
        let rich = self.lines.iter().position(|line| line.fills() && line.keeps_something());
        let at = rich.or_else(|| self.lines.iter().position(Line::fills))?;
        let line = self.lines.get_mut(at)?;
        let repair = line.repair?;
        if let Some((outgoing, number)) = line.filling(room) {
            let codec = *outgoing.repair?;
            let leaving = self.write(at, &outgoing, (repair, codec, number), Some(outgoing.seq as u16), now)?;
            self.filling = self.filling.saturating_sub(leaving.bytes);
            return Some(leaving);
        }
        let (codec, timestamp) = (line.filler?, line.moment.map_or(0, |(timestamp, _)| timestamp));
        let number = line.next_repair();
        let header = Header {
            number: codec,
            marker: false,
            padding: true,
            seq: number as u16,
            timestamp,
            ssrc: repair,
            mid: &[],
            transport: None,
            leaves: now.saturating_duration_since(self.start),
            told: None,
        };
        let leaving = self.finish(at, header, (number, FILLING), true, now, |plain| {
            plain.resize(plain.len() + FILLING - 1, 0);
            plain.push(FILLING as u8);
        })?;
        self.filling = self.filling.saturating_sub(leaving.bytes);
        Some(leaving)
    }

    /// Writes a packet with its header; `original` is the number that it had, if it leaves again.
    fn write(
        &mut self,
        at: usize,
        outgoing: &Outgoing,
        (ssrc, number, seq): (u32, u8, u64),
        original: Option<u16>,
        now: Instant,
    ) -> Option<Leaving> {
        let header = Header {
            number,
            marker: outgoing.marker,
            padding: false,
            seq: seq as u16,
            timestamp: outgoing.timestamp,
            ssrc,
            mid: &[],
            transport: None,
            leaves: now.saturating_duration_since(self.start),
            told: Some(&outgoing.packet.extensions),
        };
        let length = outgoing.payload().len() + original.map_or(0, |_| ORIGINAL);
        self.finish(at, header, (seq, length), original.is_some(), now, |plain| {
            if let Some(original) = original {
                plain.extend_from_slice(&original.to_be_bytes());
            }
            let begins = plain.len();
            plain.extend_from_slice(outgoing.payload());
            if let (Some((picture, lowest)), Some(payload)) = (outgoing.picture, plain.get_mut(begins..)) {
                patch_vp8(payload, picture, lowest);
            }
        })
    }

    fn finish(
        &mut self,
        at: usize,
        header: Header<'_>,
        (seq, length): (u64, usize),
        is_again: bool,
        now: Instant,
        body: impl FnOnce(&mut Vec<u8>),
    ) -> Option<Leaving> {
        let line = self.lines.get(at)?;
        let overhead = self.sealer.as_ref()?.overhead();
        let has_transport = line.extensions.has_transport();
        let transport = has_transport.then(|| self.congestion.leaves(now, length + HEADERS + overhead));
        let header = Header { mid: &line.name, transport, ..header };
        self.plain.clear();
        line.extensions.write(&header, &mut self.plain);
        let header_bytes = self.plain.len();
        body(&mut self.plain);
        let bytes = self.plain.len() + overhead;
        self.window.bytes += bytes as u64;
        self.window.again += if is_again { bytes as u64 } else { 0 };
        Some(Leaving { kind: line.kind, is_again, bytes, header: header_bytes, ssrc: header.ssrc, seq })
    }

    /// Tells the client the time of the lines on which something has left since it was told last.
    fn tell(&mut self, now: Instant) -> Vec<Vec<u8>> {
        let at = |timestamp: u32, moment: Instant, kind: Kind| {
            let ticks = |span: Duration| (span.as_micros() * u128::from(kind.clock_rate()) / 1_000_000) as u32;
            let (after, before) = (now.saturating_duration_since(moment), moment.saturating_duration_since(now));
            timestamp.wrapping_add(ticks(after)).wrapping_sub(ticks(before))
        };
        let news = self.lines.iter().filter(|line| line.packets > line.told);
        let told: Vec<_> = news
            .filter_map(|line| {
                let (timestamp, moment) = line.moment?;
                let timestamp = at(timestamp, moment, line.kind);
                Some(Told { ssrc: line.ssrc, timestamp, packets: line.packets, bytes: line.bytes, name: &line.cname })
            })
            .collect();
        let reports = report::write(&told, now.saturating_duration_since(self.start));
        for line in &mut self.lines {
            line.told = line.packets;
        }
        let Some(sealer) = &mut self.sealer else { return Vec::new() };
        reports.iter().filter_map(|report| sealer.seal_report(report)).collect()
    }
}
