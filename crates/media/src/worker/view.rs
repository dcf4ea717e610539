//! The subscriber half on a media thread: one track for one viewer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kloud_sfu::{Egress, Kind, LayerIndex, ParticipantSid, Redundant, Refusal, Rendition, Rewrite, Thrift, TrackSid};
use str0m::Rtc;
use str0m::format::CodecSpec;
use str0m::media::{Direction, Mid, Pt};
use str0m::rtp::{RtpWrite, Ssrc, StreamTx};

use super::Worker;
use super::format::Numbers;
use super::measure::Losses;
use super::merge::{Held, Sound};
use super::order::{NewView, Order, Packet};
use super::peer::Peer;
use super::turn::Turn;
use crate::counters::Counters;

/// How long packets of pictures are kept for sending again, and how many of one picture at most. Whoever is further away
/// than this gets a new picture sooner than the old packet.
const KEPT_FOR: Duration = Duration::from_secs(1);
const KEPT_PACKETS: usize = 512;
/// No more than this part of what is sent is sent again.
const AGAIN_MAX: f32 = 0.15;
/// A picture that has waited for so long on its way out is worth nothing any more.
const WAITS_MAX: Duration = Duration::from_secs(3);

/// A track that this connection's client gets.
#[derive(Debug)]
pub struct View {
    pub rendition: Rendition,
    pub owner: ParticipantSid,
    pub egress: Egress,
    pub last_sent: Option<Instant>,
    /// The layer that the room wants for this viewer, whatever its connection carries.
    pub wanted: Option<LayerIndex>,
    pub bitrates: Vec<u64>,
    pub kind: Kind,
    /// The numbers on this line for the form in which the track comes.
    numbers: Option<(CodecSpec, Numbers)>,
    /// The sound comes with redundancy.
    pub repeated: bool,
    /// The line has no room for redundancy.
    pub alone: bool,
    /// It has no room for short packets of sound either.
    pub long: bool,
    /// It is encrypted from end to end.
    pub sealed: bool,
    /// What waits to leave together with what follows it.
    pub held: Option<Held>,
    ssrc: Option<Ssrc>,
    pub counters: Arc<Counters>,
    pub publisher: (u64, usize),
    /// Nothing is sent; the numbers are kept for what the line carries next.
    pub hidden: bool,
    /// The line is too thin for it.
    pub paused: bool,
    /// Packets that were sent when the client last reported on the line.
    pub reported_packets: u64,
    /// And the number of the last of them.
    pub reported_number: u64,
    /// What its client had lost of it and asked for again, when that was last looked at.
    pub reported: Losses,
}

/// The viewers of one track on this thread.
#[derive(Debug, Default)]
pub struct Fan {
    viewers: Vec<(u64, Mid)>,
}

impl Fan {
    pub fn remove(&mut self, conn: u64, mid: Mid) {
        self.viewers.retain(|v| *v != (conn, mid));
    }

    pub fn is_empty(&self) -> bool {
        self.viewers.is_empty()
    }
}

impl Worker {
    pub(super) fn view(&mut self, new: NewView) {
        let Some(peer) = self.peers.get_mut(&new.conn) else { return };
        let mid = Mid::from(new.mid.as_str());
        let ssrc = peer.rtc.direct_api().stream_tx_by_mid(mid, None).map(|stream| {
            keep_little(stream);
            stream.ssrc()
        });
        let kind = new.rendition.codec.kind();
        let mut egress = Egress::new(kind, new.source);
        if let Some(before) = peer.views.remove(&mid) {
            if let Some(fan) = self.fans.get_mut(&before.rendition) {
                fan.remove(new.conn, mid);
            }
            if before.ssrc == ssrc {
                egress = egress.after(&before.egress);
            }
        }
        egress.permit(new.permits, new.epoch);
        egress.set_muted(new.muted);
        egress.set_target(new.layer);
        let reported_number = egress.last_number();
        let view = View {
            rendition: new.rendition,
            owner: new.owner,
            egress,
            last_sent: None,
            wanted: new.layer,
            bitrates: new.bitrates,
            kind,
            numbers: None,
            repeated: false,
            alone: peer.down.thrift() > Thrift::Full,
            long: kind == Kind::Audio && peer.down.thrift() == Thrift::Least,
            sealed: new.sealed,
            held: None,
            ssrc,
            counters: new.counters,
            publisher: new.publisher,
            hidden: false,
            paused: false,
            reported_packets: 0,
            reported_number,
            reported: Losses::default(),
        };
        peer.views.insert(mid, view);
        peer.share_out(&mut self.turn);
        self.fans.entry(new.rendition).or_default().viewers.push((new.conn, mid));
        self.poke(new.conn, mid);
    }

    pub(super) fn unview(&mut self, conn: u64, track: TrackSid) {
        if let Some(peer) = self.peers.get_mut(&conn) {
            for (mid, view) in peer.views.iter_mut().filter(|(_, v)| v.rendition.track == track) {
                view.hidden = true;
                if let Some(fan) = self.fans.get_mut(&view.rendition) {
                    fan.remove(conn, *mid);
                    if fan.is_empty() {
                        self.fans.remove(&view.rendition);
                    }
                }
            }
            peer.share_out(&mut self.turn);
        }
    }

    pub(super) fn target(&mut self, conn: u64, track: TrackSid, layer: Option<LayerIndex>) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        let found = peer.views.iter_mut().find(|(_, v)| v.rendition.track == track && !v.hidden);
        if let Some((mid, view)) = found {
            view.wanted = layer;
            view.egress.set_target(layer);
            let mid = *mid;
            peer.share_out(&mut self.turn);
            self.poke(conn, mid);
        }
    }

    /// Gives a published packet to every viewer of this thread.
    pub(super) fn fan_out(&mut self, packet: &Arc<Packet>) {
        let Some(fan) = self.fans.get(&packet.rendition) else { return };
        let now = self.turn.epoch.tick(self.turn.now);
        for (conn, mid) in &fan.viewers {
            let Some(peer) = self.peers.get_mut(conn).filter(|peer| peer.connected) else { continue };
            let mut wakes = None;
            let leaves_at = peer.asked_at(self.turn.now, &self.turn);
            if peer.held_until.is_some() && peer.views.get(mid).is_some_and(|view| view.must_leave_before(packet)) {
                peer.let_go(*mid, &mut self.turn);
                self.turn.touch(&mut peer.touched, *conn);
            }
            let Some(view) = peer.views.get_mut(mid) else { continue };
            if view.kind == Kind::Video && is_stuck(&mut peer.rtc, *mid, self.turn.now) {
                forget_waiting(&mut peer.rtc, *mid);
                view.egress.begin_again();
            }
            match view.egress.offer(&packet.meta, now) {
                Ok(rewrite) => {
                    peer.rest.ends(&mut peer.rtc);
                    let written = write(&mut peer.rtc, *mid, view, packet, &rewrite, self.turn.now);
                    if let Some(Written::Waits(until)) = written {
                        peer.held_until.get_or_insert(until);
                        wakes = Some(until);
                    }
                    if let Some(Written::Leaves(bytes)) = written {
                        self.turn.meter.forwarded.of(view.kind).add(bytes);
                        view.last_sent = Some(self.turn.now);
                        peer.flow.begins(*conn, &peer.facts);
                        view.counters.forwarded(view.egress.source());
                        if leaves_at > self.turn.now {
                            wakes = Some(leaves_at);
                        } else {
                            self.turn.touch(&mut peer.touched, *conn);
                        }
                    }
                }
                Err(Refusal::Gate) => {
                    view.held = None;
                    view.counters.refused(view.egress.source());
                }
                Err(Refusal::Muted | Refusal::Unwanted) => view.held = None,
                Err(Refusal::OtherLayer | Refusal::Late) => {}
                Err(Refusal::NoKeyframeYet) => {}
            }
            if let Some(layer) = view.egress.wants_keyframe(now) {
                let (publisher, thread) = view.publisher;
                request(&self.others, publisher, thread, packet.rendition, layer);
            }
            if let Some(at) = wakes {
                peer.wake_by(at, &mut self.due);
            }
        }
    }

    /// Asks for the keyframe that a view may need.
    fn poke(&mut self, conn: u64, mid: Mid) {
        let now = self.turn.epoch.tick(self.turn.now);
        let view = self.peers.get_mut(&conn).and_then(|p| p.views.get_mut(&mid));
        if let Some(view) = view
            && let Some(layer) = view.egress.wants_keyframe(now)
        {
            let (publisher, thread) = view.publisher;
            request(&self.others, publisher, thread, view.rendition, layer);
        }
    }
}

impl Peer {
    /// The client lost its picture on a line.
    pub(super) fn viewer_asks_keyframe(&mut self, mid: Mid, turn: &mut Turn) {
        if let Some(view) = self.views.get_mut(&mid)
            && !view.hidden
            && let Some(layer) = view.egress.current()
        {
            turn.keyframes.push((view.publisher, view.rendition, layer));
        }
    }
}

/// What has become of a packet that may leave.
enum Written {
    /// So many bytes of payload leave.
    Leaves(usize),
    /// It waits for what follows, until then at the latest.
    Waits(Instant),
}

/// Puts a packet on a line, under the numbers that continue what the line carried.
fn write(
    rtc: &mut Rtc,
    mid: Mid,
    view: &mut View,
    packet: &Arc<Packet>,
    rewrite: &Rewrite,
    now: Instant,
) -> Option<Written> {
    let mut numbers = view.numbers(rtc, mid, packet)?;
    numbers.red = numbers.red.filter(|_| !view.alone);
    let (number, payload) = payload_for(numbers, packet, rewrite)?;
    view.repeated = packet.format.red && numbers.red == Some(number);
    if view.merges() && number == numbers.plain {
        match view.gather(packet, &payload, rewrite, now) {
            Sound::Waits(until) => return Some(Written::Waits(until)),
            Sound::Leaves(rewrite, first, merged) => {
                return send(rtc, mid, view, &first, &rewrite, (number, merged)).map(Written::Leaves);
            }
            Sound::Alone => {}
        }
    }
    send(rtc, mid, view, packet, rewrite, (number, payload)).map(Written::Leaves)
}

/// Hands a payload to the stack. Returns its bytes.
pub fn send(
    rtc: &mut Rtc,
    mid: Mid,
    view: &View,
    packet: &Packet,
    rewrite: &Rewrite,
    (number, payload): (Pt, Arc<[u8]>),
) -> Option<usize> {
    let bytes = payload.len();
    let mut api = rtc.direct_api();
    let stream = api.stream_tx_by_mid(mid, None)?;
    let ends = rewrite.ends.unwrap_or(packet.marker);
    // The stack takes what it keeps for sending again to fill up a line, and what holds nothing would never fill it.
    let is_kept = view.kind == Kind::Video && !payload.is_empty();
    let mut write = RtpWrite::new(number, rewrite.seq.into(), rewrite.timestamp, packet.wallclock, payload)
        .marker(ends || (rewrite.resumed && view.kind == Kind::Audio))
        .ext_vals(packet.extensions.clone())
        .nackable(is_kept);
    if let (Some(descriptor), Some(picture)) = (packet.vp8, rewrite.picture_id) {
        let patch = descriptor.patch().picture_id(picture);
        let patch = match rewrite.tl0_pic_idx {
            Some(tl0) => patch.tl0_pic_idx(tl0),
            None => patch,
        };
        if let Ok(patch) = patch.build() {
            write = write.vp8_patch(patch);
        }
    }
    stream.write_rtp(write);
    Some(bytes)
}

/// Drops what a line still has to send and what it keeps for sending again. All its numbers go on: a number that comes
/// twice under one key would lay bare what was sent under it (RFC 7714 section 8.1), so the stream must stay the same
/// one. The stack drops what waits when a line stops sending, which is not told to the client here.
pub fn forget_waiting(rtc: &mut Rtc, mid: Mid) {
    let Some(direction) = rtc.media(mid).map(|media| media.direction()).filter(|direction| direction.is_sending())
    else {
        return;
    };
    let stopped = if direction.is_receiving() { Direction::RecvOnly } else { Direction::Inactive };
    let mut api = rtc.sdp_api();
    api.set_direction(mid, stopped);
    api.set_direction(mid, direction);
}

/// Whether what a line has to send leaves at once.
pub fn set_unpaced(rtc: &mut Rtc, mid: Mid, unpaced: bool) {
    if let Some(stream) = rtc.direct_api().stream_tx_by_mid(mid, None) {
        stream.set_unpaced(unpaced);
    }
}

/// What was lost on a line is not sent again.
pub fn forget_sent(rtc: &mut Rtc, mid: Mid) {
    if let Some(stream) = rtc.direct_api().stream_tx_by_mid(mid, None) {
        keep_little(stream);
    }
}

fn keep_little(stream: &mut StreamTx) {
    stream.set_rtx_cache(KEPT_PACKETS, KEPT_FOR, Some(AGAIN_MAX));
}

/// Whether what this line has to send leaves so slowly that it only grows older.
fn is_stuck(rtc: &mut Rtc, mid: Mid, now: Instant) -> bool {
    let mut api = rtc.direct_api();
    let first = api.stream_tx_by_mid(mid, None).and_then(|s| s.queue_info()?.first_unsent());
    first.is_some_and(|at| now.saturating_duration_since(at) > WAITS_MAX)
}

impl View {
    /// Publishers may change the form of a codec while they send, so it is looked up whenever it is another one.
    pub fn numbers(&mut self, rtc: &Rtc, mid: Mid, packet: &Packet) -> Option<Numbers> {
        match self.numbers {
            Some((spec, numbers)) if spec == packet.format.spec => Some(numbers),
            _ => {
                let numbers = Numbers::of(rtc, mid, &packet.format.spec)?;
                self.numbers = Some((packet.format.spec, numbers));
                Some(numbers)
            }
        }
    }
}

/// What is sent, and under which number. Redundant sound goes as it is to those who take it, and to others alone;
/// nothing in it is older than the stream is for the viewer. What holds nothing only fills up, to find out how much a
/// connection carries; it goes on, because left out it would pass for a loss.
fn payload_for(numbers: Numbers, packet: &Packet, rewrite: &Rewrite) -> Option<(Pt, Arc<[u8]>)> {
    if !packet.format.red || packet.payload.is_empty() {
        return Some((numbers.plain, packet.payload.clone()));
    }
    let redundant = Redundant::parse(&packet.payload, *packet.format.number)?;
    Some(match numbers.red {
        Some(red) => (red, redundant.write(*numbers.plain, rewrite.since).into()),
        None => (numbers.plain, redundant.newest().into()),
    })
}

pub(super) fn request(others: &[super::Handle], conn: u64, thread: usize, rendition: Rendition, layer: LayerIndex) {
    if let Some(handle) = others.get(thread) {
        handle.send(Order::Keyframe { conn, rendition, layer });
    }
}
