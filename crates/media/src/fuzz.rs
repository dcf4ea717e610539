//! Entries for whoever throws bytes at the readers of this crate: seeded mutations of real messages in the tests, and
//! fuzzers that are guided by coverage (`fuzz/`). Each of them fails where an invariant is broken.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use bytes::BytesMut;
use kloud_base::Rng;
use kloud_livekit::Lines;
use kloud_livekit::proto::SessionDescription;
use kloud_sfu::patch_vp8;
use str0m::change::SdpOffer;
use str0m::rtp::Vp8Descriptor;

use crate::net::{Asked, Datagram, MAX_FRAME, MediaSocket, OPENING, Said, Way, datagram, opening, take, take_message};
use crate::worker::{Common, connection};
use crate::{Opening, mono, rtp};

/// The first bytes of a stream, and a datagram: what they are is known in time and stays so.
pub fn first_bytes(bytes: &[u8]) {
    let mut known = None;
    for length in 0..=bytes.len().min(2 * OPENING) {
        let now = opening(&bytes[..length]);
        assert!(known.is_none() || now == known, "it was {known:?} and is {now:?} after {length} bytes");
        assert!(now.is_some() || length < OPENING, "nothing is known after {length} bytes");
        known = now;
    }
    if let Said::Check(name) = datagram(bytes) {
        assert!(!name.contains(':'));
    }
    match known {
        Some(Opening::Ice) => stream(bytes, take),
        Some(Opening::Relay) => stream(bytes, take_message),
        Some(Opening::Tls | Opening::Http | Opening::Foreign) | None => {}
    }
}

/// A stream is read in pieces; of what waits nothing grows.
fn stream<E>(bytes: &[u8], mut take: impl FnMut(&mut BytesMut) -> Result<Option<bytes::Bytes>, E>) {
    let mut buffer = BytesMut::new();
    for piece in bytes.chunks(37) {
        buffer.extend_from_slice(piece);
        loop {
            match take(&mut buffer) {
                Ok(Some(packet)) => assert!((1..=MAX_FRAME).contains(&packet.len())),
                Ok(None) => break,
                Err(_) => return,
            }
        }
        assert!(buffer.len() <= MAX_FRAME + 2, "{} bytes wait", buffer.len());
    }
}

/// An offer goes the whole way: lines, edit, reading by the stack, acceptance. The guard around each connection would
/// hold off a fault of the stack; here it comes through.
pub fn offer(bytes: &[u8]) {
    let sdp = String::from_utf8_lossy(bytes).into_owned();
    let description = SessionDescription { r#type: "offer".into(), sdp, ..Default::default() };
    let mut lines = Lines::default();
    let Ok(plan) = lines.offer(&description) else { return };
    let Ok(offer) = SdpOffer::from_sdp_string(&plan.sdp) else { return };
    let answer = connection(common()).sdp_api().accept_offer(offer).map(|answer| answer.to_sdp_string());
    if let Ok(answer) = answer {
        let agreed = lines.agree(plan.id, &answer);
        let count = |sdp: &str| sdp.lines().filter(|line| line.starts_with("m=")).count();
        // The stack leaves out the last line if it cannot read it; a client refuses such an answer by itself.
        assert!(count(&agreed.answer.sdp) <= count(&plan.sdp), "{answer} has more lines than the offer");
    }
}

/// What stands before each piece of a VP8 picture, and what is written there instead.
pub fn vp8(bytes: &[u8]) {
    let Ok(descriptor) = Vp8Descriptor::parse(bytes) else { return };
    descriptor.starts_keyframe(bytes);
    let mut changed = bytes.to_vec();
    patch_vp8(&mut changed, 0x1234, Some(9));
    let after = Vp8Descriptor::parse(&changed).expect("what could be read can be read when changed");
    assert_eq!(after.picture_id().is_some(), descriptor.picture_id().is_some());
    assert!(after.picture_id().is_none_or(|picture| picture == 0x1234 || picture == 0x34), "{after:?}");
    assert_eq!(after.tl0_pic_idx(), descriptor.tl0_pic_idx().map(|_| 9));
}

/// What clients say of what they get, and what the stack says.
pub fn reports(bytes: &[u8]) {
    let mut said = 0;
    rtp::read_report(bytes, |_| said += 1);
    assert!(said <= bytes.len(), "{said} things are said in {} bytes", bytes.len());
    let kept = rtp::without_streams(bytes);
    assert_eq!(rtp::without_streams(&kept), kept);
}

/// Checks that are answered past the stack: whoever is not proved genuine is not answered.
pub fn check(bytes: &[u8]) {
    const GENUINE: &[u8] = include_bytes!("../corpus/check/genuine");
    let of = |bytes: &[u8]| Datagram {
        conn: 1,
        from: SocketAddr::from(([127, 0, 0, 1], 50_000)),
        to: None,
        at: mono::now(),
        bytes: bytes.to_vec().into(),
        way: Way::Udp,
        is_answered: false,
    };
    let asked = Asked::by(&of(GENUINE), "a password of the server".into()).expect("a check");
    // What comes after the proof is a checksum.
    let proven = GENUINE.len() - 8;
    let answer = asked.answer(&of(bytes), &common().crypto);
    assert!(answer.is_some() || bytes != GENUINE);
    let Some(answer) = answer else { return };
    assert!(bytes.len() >= proven && bytes[4..proven] == GENUINE[4..proven], "who has made {bytes:?}?");
    assert!(answer.len() < 128 && answer[..2] == [1, 1] && answer[4..20] == bytes[4..20]);
}

struct Fill;

impl Rng for Fill {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

/// What a media thread would have. Nothing is ever sent.
pub(crate) fn common() -> &'static Common {
    static COMMON: OnceLock<Common> = OnceLock::new();
    COMMON.get_or_init(|| {
        let crypto = Arc::new(rtp::provider());
        let socket = MediaSocket::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port of this machine");
        Common {
            socket: Arc::new(socket),
            own: Arc::default(),
            tcp: true,
            candidates: vec![SocketAddr::from(([127, 0, 0, 1], 7_882))],
            certificate: crypto.dtls_provider.generate_certificate().expect("a certificate"),
            crypto,
            rng: Arc::new(Fill),
            start: mono::now(),
        }
    })
}

#[cfg(test)]
mod tests {
    use kloud_testkit::replay;

    const FIRST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/first_bytes");
    const OFFER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/offer");
    const VP8: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/vp8");

    const REPORTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/reports");

    const CHECK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/check");

    #[test]
    fn mutilated_checks_are_answered_only_if_they_are_genuine() {
        replay(CHECK, 10_000, super::check);
    }

    #[test]
    fn mutilated_first_bytes_are_told_apart() {
        replay(FIRST, 10_000, super::first_bytes);
    }

    #[test]
    fn mutilated_offers_are_accepted_or_refused() {
        replay(OFFER, 10_000, super::offer);
    }

    #[test]
    fn mutilated_pictures_are_read_or_refused() {
        replay(VP8, 10_000, super::vp8);
    }

    #[test]
    fn mutilated_reports_are_read_or_refused() {
        replay(REPORTS, 10_000, super::reports);
    }
}
