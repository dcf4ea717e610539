//! Redundant sound (RFC 2198): a packet carries what the packets before it carried, so that a lost one is no gap.
//!
//! Invariant: nothing that was said before the stream began for a viewer reaches the viewer, also not as redundancy.

/// Most older pieces in one packet; clients send one or two.
const MAX_OLDER: usize = 8;

/// An older piece of sound: how many clock ticks before the packet it was said, and its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Older<'a> {
    age: u32,
    sound: &'a [u8],
}

/// A redundant payload, cut into its pieces. All of them carry the same codec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redundant<'a> {
    older: Vec<Older<'a>>,
    newest: &'a [u8],
}

impl<'a> Redundant<'a> {
    /// Cuts a payload whose pieces are announced as `number`. Pieces of anything else are left out; `None` if that is
    /// the newest one or the payload is broken.
    pub fn parse(payload: &'a [u8], number: u8) -> Option<Self> {
        let mut heads = Vec::new();
        let mut at = payload;
        let newest = loop {
            match at {
                [first, rest @ ..] if first & 0x80 == 0 => {
                    at = rest;
                    break first & 0x7f;
                }
                [first, a, b, c, rest @ ..] if heads.len() < MAX_OLDER => {
                    let age = (u32::from(*a) << 6) | (u32::from(*b) >> 2);
                    let length = (usize::from(*b & 3) << 8) | usize::from(*c);
                    heads.push((first & 0x7f, age, length));
                    at = rest;
                }
                _ => return None,
            }
        };
        let mut older = Vec::new();
        for (of, age, length) in heads {
            let (sound, rest) = at.split_at_checked(length)?;
            if of == number && age > 0 && length > 0 {
                older.push(Older { age, sound });
            }
            at = rest;
        }
        (newest == number).then_some(Self { older, newest: at })
    }

    /// What this packet is about.
    pub fn newest(&self) -> &'a [u8] {
        self.newest
    }

    /// Writes the payload for a viewer who knows the codec as `number` and whose stream began `since` ticks ago.
    pub fn write(&self, number: u8, since: u32) -> Vec<u8> {
        let kept = || self.older.iter().filter(|piece| piece.age <= since);
        let mut out = Vec::new();
        for piece in kept() {
            // The age has 14 bits, the length 10.
            let head = (piece.age << 10) | piece.sound.len() as u32;
            let [_, high, middle, low] = head.to_be_bytes();
            out.extend([0x80 | number, high, middle, low]);
        }
        out.push(number & 0x7f);
        kept().for_each(|piece| out.extend(piece.sound));
        out.extend(self.newest);
        out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One older piece of three bytes, 960 ticks old, before a newest one of two.
    const PACKET: [u8; 10] = [0x80 | 111, 15, 0, 3, 111, 1, 2, 3, 8, 9];

    #[test]
    fn a_packet_is_cut_into_its_pieces_and_written_under_another_number() {
        let redundant = Redundant::parse(&PACKET, 111).expect("a packet");
        assert_eq!(redundant.newest(), [8, 9]);
        assert_eq!(redundant.older, [Older { age: 960, sound: &[1, 2, 3] }]);
        assert_eq!(redundant.write(111, 960), PACKET);
        assert_eq!(redundant.write(96, 960), [0x80 | 96, 15, 0, 3, 96, 1, 2, 3, 8, 9]);
    }

    #[test]
    fn what_was_said_before_the_stream_began_is_left_out() {
        let redundant = Redundant::parse(&PACKET, 111).expect("a packet");
        assert_eq!(redundant.write(111, 959), [111, 8, 9]);
    }

    #[test]
    fn pieces_of_another_kind_and_broken_packets_are_refused() {
        assert_eq!(Redundant::parse(&PACKET, 110), None);
        let mut mixed = PACKET;
        mixed[0] = 0x80 | 13;
        assert!(Redundant::parse(&mixed, 111).expect("a packet").older.is_empty());
        for broken in [&PACKET[..0], &PACKET[..3], &PACKET[..7], &[0x80 | 111; 200]] {
            assert_eq!(Redundant::parse(broken, 111), None);
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_and_nothing_breaks_the_reader(
            payload in prop::collection::vec(any::<u8>(), 0..80),
            number in 0u8..128,
            since: u32,
        ) {
            if let Some(redundant) = Redundant::parse(&payload, number) {
                let written = redundant.write(number, since);
                let again = Redundant::parse(&written, number).expect("it is one");
                prop_assert_eq!(again.newest(), redundant.newest());
                prop_assert!(again.older.iter().all(|piece| piece.age <= since));
                prop_assert!(written.len() <= payload.len());
            }
        }
    }
}
