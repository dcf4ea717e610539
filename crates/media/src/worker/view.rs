//! The subscriber half on a media thread: one track for one viewer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kloud_sfu::{Egress, Kind, LayerIndex, ParticipantSid, Redundant, Refusal, Rendition, Rewrite, Thrift, TrackSid};
use str0m::Rtc;
use str0m::format::CodecSpec;
use str0m::media::{Mid, Pt};

use super::Worker;
use super::merge::{Held, Sound};
use super::order::{NewView, Order};
use super::peer::Peer;
use super::turn::Turn;
use crate::counters::Counters;
use crate::rtp::{LineHeard, Numbers, Outgoing, Packet, Sender};

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
    /// Its place among the lines of what leaves, and the stream there.
    pub line: Option<usize>,
    ssrc: Option<u32>,
    /// The smallest picture leaves at once: held back, it would only wait ever longer.
    pub unpaced: bool,
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
    pub reported: LineHeard,
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
        let kind = new.rendition.codec.kind();
        let line = peer.out.line(&mut peer.rtc, mid, kind);
        let ssrc = line.and_then(|line| peer.out.ssrc(line));
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
            line,
            ssrc,
            unpaced: false,
            counters: new.counters,
            publisher: new.publisher,
            hidden: false,
            paused: false,
            reported_packets: peer.out.counted(mid).map_or(0, |(packets, _)| packets),
            reported_number,
            reported: peer.out.counted(mid).map(|(_, heard)| heard).unwrap_or_default(),
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
                view.line.into_iter().for_each(|line| peer.out.forget_waiting(line));
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

    /// Gives what was published to every viewer of this thread.
    pub(super) fn fan_out_local(&mut self) {
        if !self.turn.local.is_empty() {
            let mut packets = std::mem::take(&mut self.turn.local);
            self.fan_out(&packets);
            packets.clear();
            // Its room is used again.
            self.turn.local = packets;
        }
    }

    /// Gives published packets to every viewer of this thread. What follows each other on one track goes to one viewer
    /// after the other: whatever belongs to a viewer is at hand then, and leaves together.
    pub(super) fn fan_out(&mut self, packets: &[Arc<Packet>]) {
        for run in packets.chunk_by(|one, next| one.rendition == next.rendition) {
            let Some(fan) = run.first().and_then(|packet| self.fans.get(&packet.rendition)) else { continue };
            for (conn, mid) in &fan.viewers {
                let Some(peer) = self.peers.get_mut(conn).filter(|peer| peer.connected) else { continue };
                for packet in run {
                    peer.give(*mid, packet, &mut self.turn);
                }
                if let Some(until) = peer.held_until {
                    peer.wake_by(until, &mut self.due);
                }
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
    /// Gives a published packet to the view of this line.
    fn give(&mut self, mid: Mid, packet: &Arc<Packet>, turn: &mut Turn) {
        if self.held_until.is_some() && self.views.get(&mid).is_some_and(|view| view.must_leave_before(packet)) {
            self.let_go(mid, turn);
            turn.touch(&mut self.touched, self.conn);
        }
        let Some(view) = self.views.get_mut(&mid) else { return };
        if let Some(line) = view.line.filter(|line| is_stuck(&self.out, *line, turn.now)) {
            self.out.forget_waiting(line);
            view.egress.begin_again();
        }
        let now = turn.epoch.tick(turn.now);
        let mut moved = false;
        match view.egress.offer(&packet.meta, now) {
            Ok(rewrite) => match write((&mut self.out, &self.rtc), mid, view, packet, &rewrite, turn.now) {
                Some(Written::Waits(until)) => drop(self.held_until.get_or_insert(until)),
                Some(Written::Leaves(bytes)) => {
                    turn.meter.forwarded.of(view.kind).add(bytes);
                    view.last_sent = Some(turn.now);
                    self.flow.begins(self.conn, &self.facts);
                    view.counters.forwarded(view.egress.source());
                    moved = true;
                }
                None => {}
            },
            Err(Refusal::Gate) => {
                view.held = None;
                view.counters.refused(view.egress.source());
            }
            Err(Refusal::Muted | Refusal::Unwanted) => view.held = None,
            Err(Refusal::OtherLayer | Refusal::Late | Refusal::NoKeyframeYet) => {}
        }
        if let Some(layer) = view.egress.wants_keyframe(now) {
            turn.keyframes.push((view.publisher, packet.rendition, layer));
        }
        if moved {
            self.moves(turn);
            turn.touch(&mut self.touched, self.conn);
        }
    }

    /// The client lost its picture on a line.
    pub(super) fn viewer_asks_keyframe(&mut self, mid: Mid, turn: &mut Turn) {
        if self.begins_when_drained(mid, turn) {
            return;
        }
        if let Some(view) = self.views.get_mut(&mid)
            && !view.hidden
            && let Some(layer) = view.egress.current()
        {
            tracing::trace!(conn = self.conn, ?layer, "a viewer has lost its picture");
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
    (out, rtc): (&mut Sender, &Rtc),
    mid: Mid,
    view: &mut View,
    packet: &Arc<Packet>,
    rewrite: &Rewrite,
    now: Instant,
) -> Option<Written> {
    let numbers = view.numbers(rtc, mid, packet)?;
    let red = numbers.red.filter(|_| !view.alone);
    let (number, payload) = payload_for(Numbers { red, ..numbers }, packet, rewrite)?;
    view.repeated = packet.format.red && red == Some(number);
    if view.merges() && number == numbers.plain {
        match view.gather(packet, payload.as_ref().unwrap_or(&packet.payload), rewrite, now) {
            Sound::Waits(until) => return Some(Written::Waits(until)),
            Sound::Leaves(rewrite, first, merged) => {
                return send(out, view, &first, &rewrite, (number, Some(merged)), now).map(Written::Leaves);
            }
            Sound::Alone => {}
        }
    }
    send(out, view, packet, rewrite, (number, payload), now).map(Written::Leaves)
}

/// Puts a payload, if it is not the packet's own, on the line of a view. Returns its bytes.
pub fn send(
    out: &mut Sender,
    view: &View,
    packet: &Arc<Packet>,
    rewrite: &Rewrite,
    (number, payload): (Pt, Option<Arc<[u8]>>),
    now: Instant,
) -> Option<usize> {
    let ends = rewrite.ends.unwrap_or(packet.marker);
    let outgoing = Outgoing {
        packet: packet.clone(),
        payload,
        number,
        repair: view.numbers.and_then(|(_, numbers)| numbers.repair),
        seq: rewrite.seq,
        timestamp: rewrite.timestamp,
        marker: ends || (rewrite.resumed && view.kind == Kind::Audio),
        picture: rewrite.picture_id.map(|picture| (picture, rewrite.tl0_pic_idx)),
    };
    let bytes = outgoing.payload().len();
    out.push(view.line?, outgoing, view.unpaced, now);
    Some(bytes)
}

/// Whether what this line has to send leaves so slowly that it only grows older.
fn is_stuck(out: &Sender, line: usize, now: Instant) -> bool {
    out.waits_since(line).is_some_and(|at| now.saturating_duration_since(at) > WAITS_MAX)
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

/// What is sent if it is not the packet's own payload, and under which number. Redundant sound goes as it is to those who take it, and to others alone;
/// nothing in it is older than the stream is for the viewer. What holds nothing only fills up, to find out how much a
/// connection carries; it goes on, because left out it would pass for a loss.
fn payload_for(numbers: Numbers, packet: &Packet, rewrite: &Rewrite) -> Option<(Pt, Option<Arc<[u8]>>)> {
    if !packet.format.red || packet.payload.is_empty() {
        return Some((numbers.plain, None));
    }
    let redundant = Redundant::parse(&packet.payload, *packet.format.number)?;
    Some(match numbers.red {
        Some(red) => (red, Some(redundant.write(*numbers.plain, rewrite.since).into())),
        None => (numbers.plain, Some(redundant.newest().into())),
    })
}

pub(super) fn request(others: &[super::Handle], conn: u64, thread: usize, rendition: Rendition, layer: LayerIndex) {
    if let Some(handle) = others.get(thread) {
        handle.send(Order::Keyframe { conn, rendition, layer });
    }
}
