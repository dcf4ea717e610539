//! STUN messages (RFC 8489) as far as TURN uses them, and the short form for channels (RFC 8656 section 12.4).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use subtle::ConstantTimeEq as _;

const HEADER: usize = 20;
const MAGIC: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
/// Bytes of a MESSAGE-INTEGRITY attribute, its head included.
const INTEGRITY: usize = 24;
/// Longest message that is taken. WebRTC packets stay below 1,500 bytes.
const MAX: usize = 2_048;

pub const USERNAME: u16 = 0x0006;
pub const MESSAGE_INTEGRITY: u16 = 0x0008;
pub const ERROR_CODE: u16 = 0x0009;
pub const UNKNOWN_ATTRIBUTES: u16 = 0x000a;
pub const CHANNEL_NUMBER: u16 = 0x000c;
pub const LIFETIME: u16 = 0x000d;
pub const XOR_PEER_ADDRESS: u16 = 0x0012;
pub const DATA: u16 = 0x0013;
pub const REALM: u16 = 0x0014;
pub const NONCE: u16 = 0x0015;
pub const XOR_RELAYED_ADDRESS: u16 = 0x0016;
pub const REQUESTED_ADDRESS_FAMILY: u16 = 0x0017;
pub const REQUESTED_TRANSPORT: u16 = 0x0019;
pub const XOR_MAPPED_ADDRESS: u16 = 0x0020;
/// What may be passed over by one who does not know it begins here.
const OPTIONAL: u16 = 0x8000;

/// What the relay understands of what must be understood.
const UNDERSTOOD: &[u16] = &[
    USERNAME,
    MESSAGE_INTEGRITY,
    CHANNEL_NUMBER,
    LIFETIME,
    XOR_PEER_ADDRESS,
    DATA,
    REALM,
    NONCE,
    REQUESTED_ADDRESS_FAMILY,
    REQUESTED_TRANSPORT,
];

/// The bytes are no such message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Request,
    Indication,
    Success,
    Failure,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Binding,
    Allocate,
    Refresh,
    Send,
    Data,
    CreatePermission,
    ChannelBind,
    /// None of the above.
    Other,
}

/// A message whose attributes are whole.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    pub class: Class,
    pub method: Method,
    bytes: &'a [u8],
}

/// Whether bytes are the beginning of a message; it takes eight of them to know.
pub fn is_message(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|b| *b < 4) && bytes.get(4..8) == Some(&MAGIC)
}

/// The length of the next message or channel data at the front of a stream (RFC 8656 section 12.5), its padding
/// included; `None` while that cannot be known.
pub fn whole(stream: &[u8]) -> Result<Option<usize>, Malformed> {
    let Some([first, _, high, low]) = stream.first_chunk::<4>() else { return Ok(None) };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    let whole = match first {
        0..4 if length.is_multiple_of(4) => HEADER + length,
        0x40..0x50 => ChannelData::HEADER + length.next_multiple_of(4),
        _ => return Err(Malformed),
    };
    let magic = stream.get(4..8).is_none_or(|magic| *first >= 0x40 || magic == MAGIC);
    if whole > MAX || !magic { Err(Malformed) } else { Ok(Some(whole)) }
}

impl<'a> Message<'a> {
    /// Reads one message that fills `bytes`.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let kind = bytes.first_chunk::<2>().ok_or(Malformed)?;
        let kind = u16::from_be_bytes(*kind);
        let length = bytes.get(2..4).map(|l| usize::from(u16::from_be_bytes([l[0], l[1]]))).ok_or(Malformed)?;
        let sound = is_message(bytes) && length.is_multiple_of(4) && bytes.len() == HEADER + length;
        if !sound || bytes.len() > MAX {
            return Err(Malformed);
        }
        let class = match kind & 0x0110 {
            0x0000 => Class::Request,
            0x0010 => Class::Indication,
            0x0100 => Class::Success,
            _ => Class::Failure,
        };
        let method = match kind & !0x0110 {
            0x001 => Method::Binding,
            0x003 => Method::Allocate,
            0x004 => Method::Refresh,
            0x006 => Method::Send,
            0x007 => Method::Data,
            0x008 => Method::CreatePermission,
            0x009 => Method::ChannelBind,
            _ => Method::Other,
        };
        let message = Self { class, method, bytes };
        let end = message.attributes().last().map_or(HEADER, |(at, _, value)| at + 4 + value.len().next_multiple_of(4));
        if end == bytes.len() { Ok(message) } else { Err(Malformed) }
    }

    pub fn transaction(&self) -> [u8; 12] {
        let mut id = [0; 12];
        id.copy_from_slice(&self.bytes[8..HEADER]);
        id
    }

    /// Place, kind and value of each attribute, up to the first that is cut.
    pub fn attributes(&self) -> impl Iterator<Item = (usize, u16, &'a [u8])> {
        let (bytes, mut at) = (self.bytes, HEADER);
        std::iter::from_fn(move || {
            let head = bytes.get(at..at + 4)?;
            let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
            let value = bytes.get(at + 4..at + 4 + length)?;
            // The padding must be there as well.
            bytes.get(..at + 4 + length.next_multiple_of(4))?;
            let found = (at, u16::from_be_bytes([head[0], head[1]]), value);
            at += 4 + length.next_multiple_of(4);
            Some(found)
        })
    }

    /// Those that count: what stands behind the proof of integrity is not covered by it.
    fn covered(&self) -> impl Iterator<Item = (u16, &'a [u8])> {
        let mut over = false;
        self.attributes().map_while(move |(_, kind, value)| {
            let passed = over;
            over |= kind == MESSAGE_INTEGRITY;
            (!passed).then_some((kind, value))
        })
    }

    /// The first attribute of a kind.
    pub fn get(&self, wanted: u16) -> Option<&'a [u8]> {
        self.covered().find(|(kind, _)| *kind == wanted).map(|(_, value)| value)
    }

    pub fn text(&self, wanted: u16) -> Option<&'a str> {
        self.get(wanted).and_then(|value| std::str::from_utf8(value).ok())
    }

    pub fn number(&self, wanted: u16) -> Option<u32> {
        self.get(wanted)?.first_chunk::<4>().map(|bytes| u32::from_be_bytes(*bytes))
    }

    /// The addresses of all attributes of a kind; `None` for one that cannot be read.
    pub fn addresses(&self, wanted: u16) -> impl Iterator<Item = Option<SocketAddr>> {
        let transaction = self.transaction();
        self.covered().filter(move |(kind, _)| *kind == wanted).map(move |(_, value)| plain(value, &transaction))
    }

    pub fn address(&self, wanted: u16) -> Option<SocketAddr> {
        self.addresses(wanted).next().flatten()
    }

    /// The number of an error, such as 401.
    pub fn error(&self) -> Option<u16> {
        let value = self.get(ERROR_CODE)?;
        Some(u16::from(value.get(2)? & 7) * 100 + u16::from(*value.get(3)?))
    }

    /// What would have to be understood and is not.
    pub fn not_understood(&self) -> Vec<u16> {
        let kinds = self.covered().map(|(kind, _)| kind);
        kinds.filter(|kind| *kind < OPTIONAL && !UNDERSTOOD.contains(kind)).take(8).collect()
    }

    pub fn is_signed(&self) -> bool {
        self.attributes().any(|(_, kind, value)| kind == MESSAGE_INTEGRITY && value.len() == INTEGRITY - 4)
    }

    /// Whether the message was made by one who has the key, and is as it was made.
    pub fn is_signed_with(&self, key: &[u8]) -> bool {
        let integrity = self.attributes().find(|(_, kind, _)| *kind == MESSAGE_INTEGRITY);
        let Some((at, _, told)) = integrity else { return false };
        let Ok(length) = u16::try_from(at + INTEGRITY - HEADER) else { return false };
        let mut mac = mac(key);
        // The length counts as if the proof were the last attribute.
        mac.update(&self.bytes[..2]);
        mac.update(&length.to_be_bytes());
        mac.update(&self.bytes[4..at]);
        let made: [u8; 20] = mac.finalize().into_bytes().into();
        made[..].ct_eq(told).into()
    }
}

fn mac(key: &[u8]) -> Hmac<Sha1> {
    <Hmac<Sha1> as KeyInit>::new_from_slice(key).expect("keys of any length are taken")
}

fn plain(value: &[u8], transaction: &[u8; 12]) -> Option<SocketAddr> {
    let port = u16::from_be_bytes([*value.get(2)?, *value.get(3)?]) ^ u16::from_be_bytes([MAGIC[0], MAGIC[1]]);
    let ip = match (value.get(1)?, value.len()) {
        (1, 8) => IpAddr::V4(Ipv4Addr::from(masked::<4>(value[4..8].try_into().ok()?, transaction))),
        (2, 20) => IpAddr::V6(Ipv6Addr::from(masked::<16>(value[4..20].try_into().ok()?, transaction))),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

/// Address translators that look for addresses must not find these.
fn masked<const N: usize>(mut ip: [u8; N], transaction: &[u8; 12]) -> [u8; N] {
    ip.iter_mut().zip(MAGIC.iter().chain(transaction)).for_each(|(byte, mask)| *byte ^= mask);
    ip
}

/// Writes a message.
#[derive(Debug)]
pub struct Writer {
    bytes: Vec<u8>,
    transaction: [u8; 12],
}

impl Writer {
    pub fn new(class: Class, method: Method, transaction: [u8; 12]) -> Self {
        let class: u16 = match class {
            Class::Request => 0,
            Class::Indication => 0x0010,
            Class::Success => 0x0100,
            Class::Failure => 0x0110,
        };
        let method: u16 = match method {
            Method::Binding => 1,
            Method::Allocate => 3,
            Method::Refresh => 4,
            Method::Send => 6,
            Method::Data => 7,
            Method::CreatePermission => 8,
            Method::ChannelBind => 9,
            Method::Other => 0xfff & !0x0110,
        };
        let mut bytes = Vec::with_capacity(128);
        bytes.extend((class | method).to_be_bytes());
        bytes.extend([0; 2]);
        bytes.extend(MAGIC);
        bytes.extend(transaction);
        Self { bytes, transaction }
    }

    pub fn put(mut self, kind: u16, value: &[u8]) -> Self {
        self.head(kind, value.len());
        self.bytes.extend_from_slice(value);
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        self.set_length();
        self
    }

    pub fn number(self, kind: u16, value: u32) -> Self {
        self.put(kind, &value.to_be_bytes())
    }

    pub fn address(self, kind: u16, address: SocketAddr) -> Self {
        let mut value = vec![0, if address.is_ipv4() { 1 } else { 2 }];
        value.extend((address.port() ^ u16::from_be_bytes([MAGIC[0], MAGIC[1]])).to_be_bytes());
        match address.ip() {
            IpAddr::V4(ip) => value.extend(masked(ip.octets(), &self.transaction)),
            IpAddr::V6(ip) => value.extend(masked(ip.octets(), &self.transaction)),
        }
        self.put(kind, &value)
    }

    pub fn error(self, code: u16, reason: &str) -> Self {
        let number = [0, 0, u8::try_from(code / 100).unwrap_or(5), u8::try_from(code % 100).unwrap_or(0)];
        self.put(ERROR_CODE, &[&number, reason.as_bytes()].concat())
    }

    /// The message, with the proof that it was made by one who has the key.
    pub fn signed(mut self, key: &[u8]) -> Vec<u8> {
        self.head(MESSAGE_INTEGRITY, INTEGRITY - 4);
        let covered = self.bytes.len() - 4;
        self.bytes.resize(covered + INTEGRITY, 0);
        self.set_length();
        let mut mac = mac(key);
        mac.update(&self.bytes[..covered]);
        self.bytes[covered + 4..].copy_from_slice(&mac.finalize().into_bytes());
        self.bytes
    }

    pub fn unsigned(self) -> Vec<u8> {
        self.bytes
    }

    fn head(&mut self, kind: u16, length: usize) {
        self.bytes.extend(kind.to_be_bytes());
        self.bytes.extend(u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
    }

    fn set_length(&mut self) {
        let length = u16::try_from(self.bytes.len() - HEADER).unwrap_or(u16::MAX);
        self.bytes[2..4].copy_from_slice(&length.to_be_bytes());
    }
}

/// A packet in the short form: four bytes before it instead of forty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelData<'a> {
    pub channel: u16,
    pub packet: &'a [u8],
}

impl<'a> ChannelData<'a> {
    pub const HEADER: usize = 4;
    /// Numbers that may be bound.
    pub const NUMBERS: std::ops::RangeInclusive<u16> = 0x4000..=0x4fff;

    /// Reads one that fills `bytes`, but for padding.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let [a, b, high, low] = *bytes.first_chunk::<4>().ok_or(Malformed)?;
        let (channel, length) = (u16::from_be_bytes([a, b]), usize::from(u16::from_be_bytes([high, low])));
        let packet = bytes.get(Self::HEADER..Self::HEADER + length).ok_or(Malformed)?;
        if Self::NUMBERS.contains(&channel) { Ok(Self { channel, packet }) } else { Err(Malformed) }
    }

    /// Writes it. On a stream it is padded; in a datagram it need not be.
    pub fn write(&self, padded: bool, out: &mut Vec<u8>) -> Result<(), Malformed> {
        let length = u16::try_from(self.packet.len()).map_err(|_| Malformed)?;
        out.extend(self.channel.to_be_bytes());
        out.extend(length.to_be_bytes());
        out.extend_from_slice(self.packet);
        if padded {
            out.extend(&[0; 3][..self.packet.len().next_multiple_of(4) - self.packet.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 5769 section 2.4, a request with long-term credentials.
    const SAMPLE: [u8; 116] = [
        0x00, 0x01, 0x00, 0x60, 0x21, 0x12, 0xa4, 0x42, 0x78, 0xad, 0x34, 0x33, 0xc6, 0xad, 0x72, 0xc0, 0x29, 0xda,
        0x41, 0x2e, 0x00, 0x06, 0x00, 0x12, 0xe3, 0x83, 0x9e, 0xe3, 0x83, 0x88, 0xe3, 0x83, 0xaa, 0xe3, 0x83, 0x83,
        0xe3, 0x82, 0xaf, 0xe3, 0x82, 0xb9, 0x00, 0x00, 0x00, 0x15, 0x00, 0x1c, 0x66, 0x2f, 0x2f, 0x34, 0x39, 0x39,
        0x6b, 0x39, 0x35, 0x34, 0x64, 0x36, 0x4f, 0x4c, 0x33, 0x34, 0x6f, 0x4c, 0x39, 0x46, 0x53, 0x54, 0x76, 0x79,
        0x36, 0x34, 0x73, 0x41, 0x00, 0x14, 0x00, 0x0b, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x2e, 0x6f, 0x72,
        0x67, 0x00, 0x00, 0x08, 0x00, 0x14, 0xf6, 0x70, 0x24, 0x65, 0x6d, 0xd6, 0x4a, 0x3e, 0x02, 0xb8, 0xe0, 0x71,
        0x2e, 0x85, 0xc9, 0xa2, 0x8c, 0xa8, 0x96, 0x66,
    ];

    #[test]
    fn the_sample_of_the_standard_is_read_and_its_proof_holds() {
        let message = Message::parse(&SAMPLE).expect("a message");
        assert_eq!((message.class, message.method), (Class::Request, Method::Binding));
        assert_eq!(message.text(USERNAME), Some("マトリックス"));
        assert_eq!(message.text(REALM), Some("example.org"));
        let key = crate::credentials::key("マトリックス", "example.org", "TheMatrIX");
        assert!(message.is_signed() && message.is_signed_with(&key));
        assert!(!message.is_signed_with(b"another"));
        for at in 0..SAMPLE.len() {
            let mut bent = SAMPLE;
            bent[at] ^= 1;
            assert!(!Message::parse(&bent).is_ok_and(|m| m.is_signed_with(&key)), "byte {at} counts");
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let peers = ["192.0.2.1:7882", "[2001:db8::1]:443"].map(|a| a.parse::<SocketAddr>().expect("an address"));
        let mut writer = Writer::new(Class::Success, Method::CreatePermission, [7; 12]).number(LIFETIME, 600);
        for peer in peers {
            writer = writer.address(XOR_PEER_ADDRESS, peer);
        }
        let bytes = writer.error(437, "no").put(0x7001, b"odd").signed(b"key");
        let message = Message::parse(&bytes).expect("a message");
        assert_eq!((message.class, message.method), (Class::Success, Method::CreatePermission));
        assert_eq!(message.addresses(XOR_PEER_ADDRESS).collect::<Vec<_>>(), peers.map(Some));
        assert_eq!((message.number(LIFETIME), message.error()), (Some(600), Some(437)));
        assert_eq!(message.not_understood(), [ERROR_CODE, 0x7001]);
        assert!(message.is_signed_with(b"key"));
        assert_eq!(whole(&bytes), Ok(Some(bytes.len())));
    }

    #[test]
    fn what_stands_behind_the_proof_does_not_count() {
        let mut bytes = Writer::new(Class::Request, Method::Refresh, [1; 12]).signed(b"key");
        bytes.extend([0x00, 0x0d, 0, 4, 0, 0, 0, 0]);
        bytes[3] += 8;
        let message = Message::parse(&bytes).expect("a message");
        assert!(message.is_signed_with(b"key"));
        assert_eq!(message.number(LIFETIME), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_message_or_none(mut bytes in prop::collection::vec(any::<u8>(), 0..200), shaped in any::<bool>()) {
            if shaped && bytes.len() >= HEADER {
                bytes.truncate(bytes.len() / 4 * 4);
                let length = u16::try_from(bytes.len() - HEADER).expect("short");
                bytes[0] &= 3;
                bytes[2..4].copy_from_slice(&length.to_be_bytes());
                bytes[4..8].copy_from_slice(&MAGIC);
            }
            let _ = whole(&bytes);
            let _ = ChannelData::parse(&bytes);
            if let Ok(message) = Message::parse(&bytes) {
                let _ = (message.not_understood(), message.error(), message.is_signed_with(b"key"));
                for kind in [USERNAME, LIFETIME, XOR_PEER_ADDRESS, DATA] {
                    let _ = (message.text(kind), message.number(kind), message.addresses(kind).count());
                }
            }
        }

        #[test]
        fn channel_data_goes_whole_through_a_stream(packet in prop::collection::vec(any::<u8>(), 0..1_500)) {
            let mut bytes = Vec::new();
            let sent = ChannelData { channel: 0x4001, packet: &packet };
            sent.write(true, &mut bytes).expect("short");
            prop_assert_eq!(whole(&bytes), Ok(Some(bytes.len())));
            prop_assert_eq!(ChannelData::parse(&bytes), Ok(sent));
        }
    }
}
