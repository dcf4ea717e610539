//! The publisher half on a media thread: from a received packet to one that viewers can be given.

use std::time::{Duration, Instant, SystemTime};

use kloud_sfu::{
    Codec, DescriptorReader, Epoch, Frame, Ingress, Kind, LayerIndex, LevelMeter, PacketMeta, ParticipantSid, Permits,
    Refusal, Rendition, TrackSid, Vp8Meta, starts_keyframe,
};
use str0m::media::{KeyframeRequestKind, Mid, Rid};
use str0m::rtp::{ExtensionValues, RtpPacket, UserExtensionValues, Vp8Descriptor};

use super::Worker;
use super::order::{Fact, GateAck, Published, Threads};
use super::peer::Peer;
use super::turn::Turn;
use crate::rtp::{Descriptor, Format, Packet};

/// Time between two keyframe requests for one layer.
const KEYFRAME_INTERVAL: Duration = Duration::from_millis(300);
/// A sender's clock is not believed if it is off by more.
const MAX_SKEW: Duration = Duration::from_secs(10);
/// Captured so long before it arrived, so that capture times do not lie in the future.
const HEAD_START: Duration = Duration::from_millis(100);

/// A track that this connection's client sends.
#[derive(Debug)]
pub struct Sending {
    pub rendition: Rendition,
    ingress: Ingress,
    rids: Vec<Rid>,
    /// Reads which layer a packet belongs to, where several come in one stream.
    reader: DescriptorReader,
    threads: Threads,
    meter: LevelMeter,
    speaking: bool,
    keyframe_asked: [Option<Instant>; 4],
    /// Asked for again so soon that the client is asked only later.
    keyframe_due: [bool; 4],
    last_admitted: Option<Instant>,
    /// Taken off the room; the gate still counts what a stubborn client sends.
    ended: bool,
}

/// Relates the clock of a sender to ours, so that its sound and picture stay together at every viewer.
#[derive(Debug, Default)]
pub struct SenderClock {
    anchor: Option<(Instant, SystemTime)>,
}

impl SenderClock {
    /// When the packet was captured, on our clock.
    fn captured(&mut self, packet: &RtpPacket, clock_rate: u32) -> Instant {
        let arrived = packet.timestamp;
        let Some(report) = packet.last_sender_info else { return arrived };
        let (ours, theirs) =
            *self.anchor.get_or_insert((arrived.checked_sub(HEAD_START).unwrap_or(arrived), report.ntp_time));
        let since_report = packet.header.timestamp.wrapping_sub(report.rtp_time.numer() as u32).cast_signed();
        let seconds = f64::from(since_report) / f64::from(clock_rate.max(1));
        let reported = match report.ntp_time.duration_since(theirs) {
            Ok(later) => ours.checked_add(later),
            Err(earlier) => ours.checked_sub(earlier.duration()),
        };
        let step = Duration::try_from_secs_f64(seconds.abs()).unwrap_or(Duration::MAX);
        let captured = match reported {
            Some(at) if seconds >= 0.0 => at.checked_add(step),
            Some(at) => at.checked_sub(step),
            None => None,
        };
        let believable = |at: &Instant| {
            arrived.saturating_duration_since(*at) < MAX_SKEW && at.saturating_duration_since(arrived) < MAX_SKEW
        };
        captured.filter(believable).unwrap_or(arrived)
    }
}

impl Worker {
    pub(super) fn publish(&mut self, conn: u64, published: Published) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        let mut ingress = Ingress::new(published.source);
        ingress.permit(published.permits, published.epoch);
        ingress.set_muted(published.muted);
        let sending = Sending {
            rendition: published.rendition,
            ingress,
            rids: published.rids.iter().map(|r| Rid::from(r.as_str())).collect(),
            reader: DescriptorReader::default(),
            threads: Threads::default(),
            meter: LevelMeter::default(),
            speaking: false,
            keyframe_asked: [None; 4],
            keyframe_due: [false; 4],
            last_admitted: None,
            ended: false,
        };
        let mid = Mid::from(published.mid.as_str());
        // An offer that repeats what is agreed changes nothing.
        if peer.sending.get(&mid).is_none_or(|s| s.rendition != published.rendition) {
            peer.sending.insert(mid, sending);
        }
    }

    pub(super) fn unpublish(&mut self, conn: u64, track: TrackSid) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        peer.sending.values_mut().filter(|s| s.rendition.track == track).for_each(Sending::end);
    }

    pub(super) fn drop_rendition(&mut self, conn: u64, rendition: Rendition) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        peer.sending.values_mut().filter(|s| s.rendition == rendition).for_each(Sending::end);
    }

    pub(super) fn audience(&mut self, conn: u64, rendition: Rendition, threads: Threads) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        let found = peer.sending.values_mut().find(|s| s.rendition == rendition && !s.ended);
        if let Some(sending) = found {
            sending.threads = threads;
        }
    }

    /// Takes over permits in every copy on this thread. What waits to be sent, and what is kept to be sent again, is
    /// dropped: nothing that is now forbidden leaves after this.
    pub(super) fn gate(&mut self, owner: ParticipantSid, permits: Permits, epoch: Epoch, ack: Option<GateAck>) {
        let mut last: Option<Instant> = None;
        let mut note = |forbidden: bool, at: Option<Instant>| {
            if forbidden {
                last = last.max(at);
            }
        };
        for peer in self.peers.values_mut() {
            if peer.owner == owner {
                for sending in peer.sending.values_mut() {
                    sending.ingress.permit(permits, epoch);
                    note(sending.ingress.admit().err() == Some(Refusal::Gate), sending.last_admitted);
                }
            }
            for view in peer.views.values_mut().filter(|v| v.owner == owner) {
                view.egress.permit(permits, epoch);
                let forbidden = !permits.contains(view.egress.source().permit());
                note(forbidden, view.last_sent);
                if forbidden {
                    view.held = None;
                    view.line.into_iter().for_each(|line| peer.out.forget_waiting(line));
                }
            }
        }
        if let Some(ack) = ack {
            // Whoever asked may have stopped waiting.
            let _ = ack.send(last);
        }
    }

    pub(super) fn mute(&mut self, track: TrackSid, muted: bool) {
        for peer in self.peers.values_mut() {
            let sending = peer.sending.values_mut().filter(|s| s.rendition.track == track);
            sending.for_each(|s| s.ingress.set_muted(muted));
            for view in peer.views.values_mut().filter(|v| v.rendition.track == track) {
                view.egress.set_muted(muted);
                view.held = None;
            }
        }
    }

    pub(super) fn ask_keyframe(&mut self, conn: u64, rendition: Rendition, layer: LayerIndex) {
        let now = self.turn.now;
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        let found = peer.sending.iter_mut().find(|(_, s)| s.rendition == rendition && !s.ended);
        let Some((mid, sending)) = found else { return };
        let index = usize::from(layer.0).min(sending.rids.len().saturating_sub(1));
        let Some(asked) = sending.keyframe_asked.get_mut(index) else { return };
        if asked.is_some_and(|at| now.saturating_duration_since(at) < KEYFRAME_INTERVAL) {
            sending.keyframe_due[index] = true;
            return;
        }
        let rid = sending.rids.get(index).copied();
        let mid = *mid;
        let mut api = peer.rtc.direct_api();
        // A client may send one stream without a name although it announced several.
        let named = api.stream_rx_by_mid(mid, rid).is_some();
        if let Some(stream) = api.stream_rx_by_mid(mid, if named { rid } else { None }) {
            *asked = Some(now);
            stream.request_keyframe(KeyframeRequestKind::Pli);
            peer.stack_stirs = true;
            self.turn.touch(&mut peer.touched, peer.conn);
        }
    }
}

impl Sending {
    fn kind(&self) -> Kind {
        self.rendition.codec.kind()
    }

    fn may_ask_keyframe(&self, now: Instant) -> bool {
        self.keyframe_asked[0].is_none_or(|at| now.saturating_duration_since(at) >= KEYFRAME_INTERVAL)
    }

    /// Whether a keyframe of this layer that was asked for too soon is asked for now, unless it has come meanwhile.
    fn asks_again(&mut self, layer: usize, starts_keyframe: bool, now: Instant) -> bool {
        let Some(due) = self.keyframe_due.get_mut(layer).filter(|due| **due) else { return false };
        let asked = &mut self.keyframe_asked[layer];
        let waits = asked.is_some_and(|at| now.saturating_duration_since(at) < KEYFRAME_INTERVAL);
        *due = waits && !starts_keyframe;
        if waits || starts_keyframe {
            return false;
        }
        *asked = Some(now);
        true
    }

    fn end(&mut self) {
        self.ended = true;
        self.threads = Threads::default();
    }

    /// What the forwarding needs to know of a packet; `None` if it cannot be told where it belongs.
    fn describe(&mut self, packet: &RtpPacket, rid: Option<Rid>, vp8: Option<Vp8Descriptor>) -> Option<PacketMeta> {
        let layer = rid.and_then(|rid| self.rids.iter().position(|r| *r == rid)).unwrap_or(0);
        let codec = self.rendition.codec;
        let frame = self.frame(packet)?;
        let starts_keyframe = match (codec, &frame) {
            (Codec::Opus, _) => true,
            (_, Some(frame)) => frame.begins && frame.starts,
            (Codec::Vp8, None) => vp8.is_some_and(|d| d.starts_keyframe(&packet.payload)),
            (Codec::H264 | Codec::Vp9 | Codec::Av1, None) => starts_keyframe(codec, &packet.payload),
        };
        Some(PacketMeta {
            layer: LayerIndex(u8::try_from(layer).unwrap_or(u8::MAX)),
            seq: *packet.seq_no,
            timestamp: packet.header.timestamp,
            starts_keyframe,
            vp8: vp8.map(|d| Vp8Meta { picture_id: d.picture_id(), tl0_pic_idx: d.tl0_pic_idx() }),
            frame,
        })
    }

    /// The frame that a packet belongs to, if its client tells; layers with streams of their own need no telling.
    fn frame(&mut self, packet: &RtpPacket) -> Option<Option<Frame>> {
        let told = packet.header.ext_vals.user_values.get::<Descriptor>();
        let told = told.filter(|_| self.rendition.codec.is_layered() && self.rids.is_empty());
        let Some(Descriptor(bytes)) = told else { return Some(None) };
        self.reader.read(bytes).map(Some)
    }
}

impl Peer {
    /// A packet from the client. It is dropped here, before anybody sees it, unless its track is agreed and permitted.
    pub(super) fn published(&mut self, packet: RtpPacket, turn: &mut Turn) {
        let ssrc = packet.header.ssrc;
        let known = self.streams.get(&ssrc).copied().or_else(|| {
            let mut api = self.rtc.direct_api();
            let stream = api.stream_rx(&ssrc)?;
            Some((stream.mid(), stream.rid()))
        });
        let Some((mid, rid)) = known else { return };
        self.streams.insert(ssrc, (mid, rid));
        let Some(sending) = self.sending.get_mut(&mid) else { return };
        let source = sending.ingress.source();
        self.counters.received(source);
        self.flow.begins(self.conn, &self.facts);
        turn.meter.received.of(sending.kind()).add(packet.payload.len());
        let pass = match sending.ingress.admit() {
            Ok(pass) if !sending.ended => pass,
            Err(Refusal::Gate) => return self.counters.refused(source),
            _ => return,
        };
        sending.last_admitted = Some(turn.now);
        let Some(format) = Format::of(self.rtc.codec_config(), packet.header.payload_type) else { return };
        if format.codec() != Some(sending.rendition.codec) {
            // Another codec than was agreed is nothing that viewers could be given.
            return;
        }
        if sending.kind() == Kind::Audio
            && let Some(level) = packet.header.ext_vals.audio_level
        {
            sending.meter.observe(level.unsigned_abs().min(127));
            turn.heard = true;
        }
        if sending.threads == Threads::default() {
            return;
        }
        let vp8 = match sending.rendition.codec {
            Codec::Vp8 => Vp8Descriptor::parse(&packet.payload).ok(),
            Codec::Opus | Codec::H264 | Codec::Vp9 | Codec::Av1 => None,
        };
        let Some(meta) = sending.describe(&packet, rid, vp8) else {
            if sending.may_ask_keyframe(turn.now) {
                turn.ask_keyframe(self.conn, sending.rendition);
            }
            return;
        };
        if sending.asks_again(usize::from(meta.layer.0), meta.starts_keyframe, turn.now)
            && let Some(stream) = self.rtc.direct_api().stream_rx(&ssrc)
        {
            stream.request_keyframe(KeyframeRequestKind::Pli);
            self.stack_stirs = true;
            turn.touch(&mut self.touched, self.conn);
        }
        let wallclock = self.clock.captured(&packet, sending.kind().clock_rate());
        let (rendition, threads) = (sending.rendition, sending.threads);
        let extensions = for_others(packet.header.ext_vals, meta.frame.is_some());
        let marker = packet.header.marker;
        turn.hand_on(
            pass,
            Packet { rendition, format, meta, marker, payload: packet.payload, extensions, wallclock },
            threads,
        );
    }

    /// Ends the windows of speech of this connection's tracks.
    pub(super) fn report_levels(&mut self) {
        for sending in self.sending.values_mut().filter(|s| s.kind() == Kind::Audio) {
            let level = sending.meter.finish_window();
            if level.is_some() || sending.speaking {
                sending.speaking = level.is_some();
                self.facts.tell(Fact::Level { track: sending.rendition.track, level });
            }
        }
    }
}

/// What of the header concerns viewers. Names of lines and layers, and transport numbers, are each connection's own.
fn for_others(mut extensions: ExtensionValues, has_layers: bool) -> ExtensionValues {
    if !has_layers {
        extensions.user_values = UserExtensionValues::default();
    }
    extensions.mid = None;
    extensions.rid = None;
    extensions.rid_repair = None;
    extensions.transport_cc = None;
    extensions.abs_send_time = None;
    extensions
}
