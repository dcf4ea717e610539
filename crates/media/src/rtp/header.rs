//! Headers of media packets (RFC 3550 section 5.1) with their extensions (RFC 8285).

use std::time::Duration;

use kloud_sfu::DEPENDENCY_DESCRIPTOR;
use str0m::media::Media;
use str0m::rtp::{Extension, ExtensionValues};

use super::format::Descriptor;

/// Bytes of a header without extensions.
const FIXED: usize = 12;
/// Marks of the two forms of extensions: lengths of one to sixteen bytes and numbers below fifteen, or any.
const ONE_BYTE: u16 = 0xbede;
const TWO_BYTES: u16 = 0x1000;
const ONE_BYTE_LENGTH: usize = 16;
const ONE_BYTE_ID: u8 = 14;

/// The numbers that a line's extensions were given.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extensions {
    mid: Option<u8>,
    transport: Option<u8>,
    send_time: Option<u8>,
    level: Option<u8>,
    orientation: Option<u8>,
    descriptor: Option<u8>,
}

/// What is written into a header.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    pub number: u8,
    pub marker: bool,
    pub padding: bool,
    pub seq: u16,
    pub timestamp: u32,
    pub ssrc: u32,
    pub mid: &'a [u8],
    /// The transport's own number, where the client reports on each packet.
    pub transport: Option<u16>,
    /// When it leaves, since any beginning.
    pub leaves: Duration,
    /// What the publisher has told of the packet, if it is one of its own.
    pub told: Option<&'a ExtensionValues>,
}

impl Extensions {
    pub fn of(line: &Media) -> Self {
        let mut numbers = Self::default();
        for (number, extension) in line.remote_extmap().iter() {
            let known = match extension {
                Extension::RtpMid => &mut numbers.mid,
                Extension::TransportSequenceNumber => &mut numbers.transport,
                Extension::AbsoluteSendTime => &mut numbers.send_time,
                Extension::AudioLevel => &mut numbers.level,
                Extension::VideoOrientation => &mut numbers.orientation,
                other if other.as_uri() == DEPENDENCY_DESCRIPTOR => &mut numbers.descriptor,
                _ => continue,
            };
            *known = Some(number);
        }
        numbers
    }

    /// Whether the client reports on each packet.
    pub fn has_transport(&self) -> bool {
        self.transport.is_some()
    }

    /// Writes a header at the end of `packet`.
    pub fn write(&self, header: &Header<'_>, packet: &mut Vec<u8>) {
        let begins = packet.len();
        packet.push(0x80 | u8::from(header.padding) << 5);
        packet.push(header.number & 0x7f | u8::from(header.marker) << 7);
        packet.extend_from_slice(&header.seq.to_be_bytes());
        packet.extend_from_slice(&header.timestamp.to_be_bytes());
        packet.extend_from_slice(&header.ssrc.to_be_bytes());
        let descriptor = header.told.and_then(|told| told.user_values.get::<Descriptor>());
        let descriptor = self.descriptor.zip(descriptor.map(|Descriptor(bytes)| &**bytes));
        let all = [self.mid, self.transport, self.send_time, self.level, self.orientation, self.descriptor];
        let is_long = descriptor.is_some_and(|(_, bytes)| bytes.len() > ONE_BYTE_LENGTH)
            || all.iter().flatten().any(|id| *id > ONE_BYTE_ID);
        let form = if is_long { TWO_BYTES } else { ONE_BYTE };
        packet.extend_from_slice(&form.to_be_bytes());
        packet.extend_from_slice(&[0, 0]);
        let first = packet.len();
        let mut put = |number: Option<u8>, value: &[u8]| {
            let Some(number) = number.filter(|_| !value.is_empty()) else { return };
            let Ok(length) = u8::try_from(value.len()) else { return };
            if is_long {
                packet.extend_from_slice(&[number, length]);
            } else {
                packet.push(number << 4 | (length - 1) & 0x0f);
            }
            packet.extend_from_slice(value);
        };
        put(self.mid, header.mid);
        if let Some(transport) = header.transport {
            put(self.transport, &transport.to_be_bytes());
        }
        put(self.send_time, &send_time(header.leaves));
        if let Some(told) = header.told {
            if let (Some(level), Some(voice)) = (told.audio_level, told.voice_activity) {
                put(self.level, &[u8::from(voice) << 7 | level.unsigned_abs() & 0x7f]);
            }
            if let Some(orientation) = told.video_orientation {
                put(self.orientation, &[orientation as u8]);
            }
        }
        if let Some((number, bytes)) = descriptor {
            put(Some(number), bytes);
        }
        let length = packet.len() - first;
        if length == 0 {
            packet.truncate(begins + FIXED);
            return;
        }
        packet.resize(first + length.next_multiple_of(4), 0);
        let words = ((packet.len() - first) / 4) as u16;
        packet[first - 2..first].copy_from_slice(&words.to_be_bytes());
        packet[begins] |= 0x10;
    }
}

/// Seconds in 24 bits, 18 of them behind the point.
fn send_time(at: Duration) -> [u8; 3] {
    let fraction = (u64::from(at.subsec_nanos()) << 18) / 1_000_000_000;
    let [.., a, b, c] = ((at.as_secs() << 18) | fraction).to_be_bytes();
    [a, b, c]
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: Header<'static> = Header {
        number: 96,
        marker: true,
        padding: false,
        seq: 0x0102,
        timestamp: 0x0304_0506,
        ssrc: 0x0708_090a,
        mid: b"1",
        transport: Some(0x1112),
        leaves: Duration::from_millis(1_500),
        told: None,
    };

    fn written(extensions: Extensions, header: &Header<'_>) -> Vec<u8> {
        let mut packet = Vec::new();
        extensions.write(header, &mut packet);
        packet
    }

    #[test]
    fn without_extensions_there_is_no_room_for_them() {
        assert_eq!(written(Extensions::default(), &HEADER), [0x80, 0xe0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    }

    #[test]
    fn extensions_are_written_in_the_short_form_and_filled_up_to_whole_words() {
        let extensions = Extensions { mid: Some(4), transport: Some(3), send_time: Some(2), ..Extensions::default() };
        let expected = [
            0x90, 0xe0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0xbe, 0xde, 0, 3, 0x40, b'1', 0x31, 0x11, 0x12, 0x22, 6, 0, 0,
            0, 0, 0,
        ];
        assert_eq!(written(extensions, &HEADER), expected);
    }

    #[test]
    fn a_long_descriptor_or_a_high_number_takes_the_long_form() {
        let mut told = ExtensionValues::default();
        told.user_values.set(Descriptor(vec![7; 17].into()));
        let header = Header { told: Some(&told), ..HEADER };
        let packet = written(Extensions { mid: Some(4), descriptor: Some(12), ..Extensions::default() }, &header);
        assert_eq!(packet[12..21], [0x10, 0, 0, 6, 4, 1, b'1', 12, 17]);
        assert_eq!(packet.len(), 16 + 24);
        let packet = written(Extensions { mid: Some(15), ..Extensions::default() }, &HEADER);
        assert_eq!(packet[12..], [0x10, 0, 0, 1, 15, 1, b'1', 0]);
    }

    #[test]
    fn what_the_publisher_told_goes_on() {
        let told = ExtensionValues { audio_level: Some(-37), voice_activity: Some(true), ..ExtensionValues::default() };
        let header = Header { told: Some(&told), transport: None, ..HEADER };
        let packet = written(Extensions { level: Some(1), ..Extensions::default() }, &header);
        assert_eq!(packet[12..], [0xbe, 0xde, 0, 1, 0x10, 0x80 | 37, 0, 0]);
    }
}
