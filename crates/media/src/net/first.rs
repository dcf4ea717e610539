//! What is spoken, told by the first bytes. Everything that comes to one port is told apart here, and nowhere else.
//!
//! A datagram is told by its first byte (RFC 7983); a check of ICE from a request to the relay by its kind. A stream
//! says by its first bytes what all of it will be: TLS and HTTP by one letter, messages of ICE (with two bytes of
//! length before each, RFC 4571) and of the relay by where their magic number stands.

use super::stun;

/// What a datagram is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said<'a> {
    /// A check of ICE, for the connection of this name.
    Check(&'a str),
    /// For the relay: a request or an indication.
    Relay,
    /// For the relay too, if its sender has an allocation: a packet on a channel.
    Channel,
    /// DTLS, RTP or RTCP: for whoever proved to be at its address.
    Media,
    Nothing,
}

/// What a stream will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    Tls,
    Http,
    Ice,
    Relay,
    Foreign,
}

/// Bytes after which [`opening`] always knows.
pub const OPENING: usize = 10;

/// Checks and requests have these first bytes.
const BINDING: [u8; 2] = [0, 1];
const ALLOCATE: [u8; 2] = [0, 3];
const MAGIC: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
/// A handshake record of TLS.
const HANDSHAKE: u8 = 0x16;

/// Tells what a datagram is.
pub fn datagram(packet: &[u8]) -> Said<'_> {
    match packet.first() {
        Some(0..4) => match stun::local_ufrag(packet) {
            Some(ufrag) => Said::Check(ufrag),
            None if kloud_turn::is_message(packet) => Said::Relay,
            None => Said::Nothing,
        },
        Some(20..64 | 128..192) => Said::Media,
        Some(64..80) => Said::Channel,
        _ => Said::Nothing,
    }
}

/// Whether what came as media is a report, and neither sound nor a picture (RFC 5761 section 4).
pub fn is_report(packet: &[u8]) -> bool {
    matches!(packet, [128..192, 192..224, ..])
}

/// Tells what a stream will be; `None` while its first bytes are too few to know.
pub fn opening(bytes: &[u8]) -> Option<Opening> {
    match bytes.first()? {
        &HANDSHAKE => return Some(Opening::Tls),
        b'A'..=b'Z' => return Some(Opening::Http),
        0..8 => {}
        _ => return Some(Opening::Foreign),
    }
    // One is known to be neither before all bytes are there, and then it is not waited for.
    let at = |place: usize, expected: &[u8]| {
        let said = &bytes[place.min(bytes.len())..bytes.len().min(place + expected.len())];
        expected.starts_with(said)
    };
    let relay = (at(0, &BINDING) || at(0, &ALLOCATE)) && at(4, &MAGIC);
    let ice = at(2, &BINDING) && at(6, &MAGIC);
    match (relay, ice) {
        (true, false) if bytes.len() >= 8 => Some(Opening::Relay),
        (false, true) if bytes.len() >= OPENING => Some(Opening::Ice),
        (false, false) => Some(Opening::Foreign),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message(kind: [u8; 2], length: u8) -> Vec<u8> {
        [&kind[..], &[0, length], &MAGIC, &[7; 12], &vec![0; usize::from(length)]].concat()
    }

    fn framed(packet: &[u8]) -> Vec<u8> {
        [&u16::try_from(packet.len()).expect("short").to_be_bytes(), packet].concat()
    }

    /// One of each, as clients begin.
    fn openings() -> Vec<(Vec<u8>, Opening)> {
        vec![
            (vec![0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3], Opening::Tls),
            (b"GET / HTTP/1.1\r\n".to_vec(), Opening::Http),
            (b"HEAD / HTTP/1.1\r\n".to_vec(), Opening::Http),
            (framed(&message(BINDING, 80)), Opening::Ice),
            (framed(&message(BINDING, 0)), Opening::Ice),
            (message(ALLOCATE, 8), Opening::Relay),
            (message(ALLOCATE, 0), Opening::Relay),
            (message(BINDING, 0), Opening::Relay),
            (b"SSH-2.0-x\r\n".to_vec(), Opening::Http),
            (vec![0x80; 12], Opening::Foreign),
            (vec![0; 12], Opening::Foreign),
            (framed(&[0x16, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0]), Opening::Foreign),
        ]
    }

    #[test]
    fn a_stream_is_known_by_its_first_bytes_and_not_before() {
        for (bytes, expected) in openings() {
            assert_eq!(opening(&bytes), Some(expected), "{bytes:?}");
            assert_eq!(opening(&bytes[..OPENING]), Some(expected), "ten bytes are enough");
            for cut in 0..bytes.len() {
                let early = opening(&bytes[..cut]);
                assert!(early.is_none() || early == Some(expected), "{cut} bytes of {bytes:?}");
            }
        }
    }

    #[test]
    fn a_datagram_is_told_by_its_first_byte_and_its_name() {
        let mut check = message(BINDING, 20);
        check[20..34].copy_from_slice(b"\0\x06\0\x0aours:their");
        assert_eq!(datagram(&check), Said::Check("ours"));
        assert_eq!(datagram(&message(BINDING, 0)), Said::Relay);
        assert_eq!(datagram(&message(ALLOCATE, 8)), Said::Relay);
        assert_eq!(datagram(&[0x40, 1, 0, 0]), Said::Channel);
        for (first, said) in
            [(22, Said::Media), (128, Said::Media), (191, Said::Media), (80, Said::Nothing), (255, Said::Nothing)]
        {
            assert_eq!(datagram(&[first; 40]), said, "{first}");
        }
        assert_eq!(datagram(&[]), Said::Nothing);
        // The name of a request to the relay has a colon too.
        check[1] = 3;
        assert_eq!(datagram(&check), Said::Relay);
    }

    proptest! {
        #[test]
        fn changed_bytes_are_told_as_something_at_once(which in 0usize..12, at in 0usize..20, value in any::<u8>(), cut in 0usize..40) {
            let (mut bytes, _) = openings().swap_remove(which);
            let place = at % bytes.len();
            bytes[place] = value;
            bytes.truncate(cut);
            prop_assert!(opening(&bytes).is_some() || bytes.len() < OPENING);
            let _ = datagram(&bytes);
        }

        #[test]
        fn what_is_known_stays_known_however_much_more_comes(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let mut known = None;
            for cut in 0..=bytes.len() {
                let now = opening(&bytes[..cut]);
                prop_assert!(known.is_none() || now == known);
                known = now;
            }
        }
    }
}
