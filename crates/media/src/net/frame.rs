//! Packets on a stream: two bytes of length before each (RFC 4571), or what the relay is told, which says its own length.

use bytes::{Buf, Bytes, BytesMut};

/// Longest packet that is taken. WebRTC packets stay below 1,500 bytes.
pub const MAX_FRAME: usize = 2_048;
const PREFIX: usize = 2;

/// The stream holds something else than packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// Takes the next whole packet off the front of what was read; `None` if the rest of it is still to come. The buffer
/// need never hold more than one packet and what was read last.
pub fn take(buffer: &mut BytesMut) -> Result<Option<Bytes>, Malformed> {
    while let Some(prefix) = buffer.first_chunk::<PREFIX>() {
        let length = usize::from(u16::from_be_bytes(*prefix));
        if length > MAX_FRAME {
            return Err(Malformed);
        }
        if buffer.len() < PREFIX + length {
            return Ok(None);
        }
        buffer.advance(PREFIX);
        // An empty one is allowed and means nothing.
        if length > 0 {
            return Ok(Some(buffer.split_to(length).freeze()));
        }
    }
    Ok(None)
}

/// The same for what the relay is told.
pub fn take_message(buffer: &mut BytesMut) -> Result<Option<Bytes>, Malformed> {
    match kloud_turn::whole(buffer) {
        Ok(Some(length)) if buffer.len() >= length => Ok(Some(buffer.split_to(length).freeze())),
        Ok(_) => Ok(None),
        Err(kloud_turn::Malformed) => Err(Malformed),
    }
}

/// A packet as it goes on a stream; `None` if it is too long for one.
pub fn put(packet: &[u8]) -> Option<Bytes> {
    let length = u16::try_from(packet.len()).ok()?;
    let mut frame = Vec::with_capacity(PREFIX + packet.len());
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(packet);
    Some(frame.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(pieces: &[&[u8]]) -> Result<Vec<Bytes>, Malformed> {
        let (mut buffer, mut packets) = (BytesMut::new(), Vec::new());
        for piece in pieces {
            buffer.extend_from_slice(piece);
            while let Some(packet) = take(&mut buffer)? {
                packets.push(packet);
            }
            assert!(buffer.len() < PREFIX + MAX_FRAME);
        }
        Ok(packets)
    }

    proptest! {
        #[test]
        fn packets_arrive_whole_however_the_stream_is_cut(
            packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..300), 0..20),
            piece in 1usize..700,
        ) {
            let stream: Vec<u8> = packets.iter().flat_map(|p| put(p).expect("short")).collect();
            let pieces: Vec<_> = stream.chunks(piece).collect();
            prop_assert_eq!(read(&pieces), Ok(packets.into_iter().map(Bytes::from).collect::<Vec<_>>()));
        }

        #[test]
        fn any_bytes_are_packets_or_an_end(stream in prop::collection::vec(any::<u8>(), 0..9_000), piece in 1usize..3_000) {
            let pieces: Vec<_> = stream.chunks(piece).collect();
            if let Ok(packets) = read(&pieces) {
                prop_assert!(packets.iter().all(|p| !p.is_empty() && p.len() <= MAX_FRAME));
            }
        }

        #[test]
        fn a_changed_byte_does_no_harm(at in 0usize..600, value in any::<u8>()) {
            let mut stream: Vec<u8> = [[7u8; 100], [8; 100]].iter().flat_map(|p| put(p).expect("short")).collect();
            let at = at % stream.len();
            stream[at] = value;
            let _ = read(&[&stream]);
        }
    }

    #[test]
    fn an_empty_packet_is_passed_over_and_a_long_one_ends_the_stream() {
        assert_eq!(read(&[&[0, 0, 0, 0, 0, 1, 9]]), Ok(vec![Bytes::from_static(&[9])]));
        assert_eq!(read(&[&[0x08, 0x01]]), Err(Malformed));
        assert_eq!(put(&vec![0; 70_000]), None);
    }
}
