//! The TCP streams of one connection's client. A client that reads too slowly loses pictures first, then its stream.

use std::collections::HashMap;
use std::net::SocketAddr;

use str0m::Rtc;
use str0m::format::Codec;
use str0m::media::Pt;
use str0m::net::Transmit;

use crate::net::StreamSink;

/// Most streams of one client: one for each pair of its and our addresses.
const MAX_STREAMS: usize = 32;

#[derive(Debug, Default)]
pub struct Streams {
    open: HashMap<SocketAddr, StreamSink>,
    /// The numbers of sound on the wire, alone and with redundancy.
    sound: [Option<Pt>; 2],
    /// The numbers of repair lines, a bit each.
    repairs: u128,
}

impl Streams {
    /// Takes a stream whose client has proved to be ours.
    pub fn add(&mut self, from: SocketAddr, stream: &StreamSink) {
        stream.prove();
        if self.open.get(&from).is_none_or(StreamSink::is_over) {
            self.open.retain(|_, stream| !stream.is_over());
            if self.open.len() < MAX_STREAMS {
                self.open.insert(from, stream.clone());
            }
        }
    }

    /// Learns which packets are sound, once that is agreed.
    pub fn agreed(&mut self, rtc: &Rtc) {
        let opus = rtc.codec_config().params().iter().find(|p| p.spec().codec == Codec::Opus);
        self.sound = [opus.map(|p| p.pt()), opus.and_then(|p| p.red())];
        let repairs = rtc.codec_config().params().iter().filter_map(|p| p.resend());
        self.repairs = repairs.fold(0, |bits, number| bits | 1 << (*number & 0x7f));
    }

    /// Sends on the stream to that address; `false` if there is none any more.
    pub fn send(&mut self, transmit: &Transmit) -> bool {
        let Some(stream) = self.open.get(&transmit.destination) else { return false };
        let sent = stream.send(&transmit.contents, self.is_picture(&transmit.contents));
        if !sent {
            stream.end();
            self.open.remove(&transmit.destination);
        }
        sent
    }

    /// Whether a packet may be dropped first.
    pub fn is_picture(&self, packet: &[u8]) -> bool {
        is_picture(packet, self.sound)
    }

    /// Whether a packet is on a repair line (RFC 4588).
    pub fn is_repair(&self, packet: &[u8]) -> bool {
        let number = packet.get(1).map_or(0, |second| second & 0x7f);
        packet.first().is_some_and(|first| (128..192).contains(first)) && self.repairs >> number & 1 == 1
    }

    pub fn end(&self) {
        self.open.values().for_each(StreamSink::end);
    }
}

/// Whether a packet is media, and no sound (RFC 7983, RFC 5761). Reports, handshakes and data are none.
fn is_picture(packet: &[u8], sound: [Option<Pt>; 2]) -> bool {
    let (Some(first), Some(second)) = (packet.first(), packet.get(1)) else { return false };
    let number = second & 0x7f;
    (128..192).contains(first) && !(64..96).contains(&number) && !sound.iter().flatten().any(|sound| **sound == number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pictures_may_be_dropped() {
        let sound = [111, 63].map(|number| Some(Pt::new_with_value(number)));
        let cases = [
            (&[0x80, 96][..], true),
            (&[0x80, 0x80 | 97], true),
            (&[0x80, 111], false),
            (&[0x80, 63], false),
            (&[0x80, 0x80 | 111], false),
            (&[0x80, 200], false),
            (&[0x81, 206], false),
            (&[22, 254], false),
            (&[0, 1], false),
            (&[], false),
        ];
        for (packet, droppable) in cases {
            assert_eq!(is_picture(packet, sound), droppable, "{packet:?}");
        }
    }
}
