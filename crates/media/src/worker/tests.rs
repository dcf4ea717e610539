use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};

use kloud_livekit::{Lines, proto::SessionDescription};
use str0m::change::SdpOffer;

use super::drill::Seeded;
use super::*;

fn common(rng: Arc<dyn Rng>) -> Common {
    let crypto = Arc::new(crate::rtp::provider());
    Common {
        socket: Arc::new(MediaSocket::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port")),
        own: Arc::default(),
        tcp: true,
        candidates: vec![SocketAddr::from(([127, 0, 0, 1], 7882))],
        certificate: crypto.dtls_provider.generate_certificate().expect("a certificate"),
        crypto,
        rng,
        start: mono::now(),
    }
}

/// Golden offers with a few bytes changed go the whole way: lines, edit, reading, acceptance. The guard around each
/// connection would hold off a fault of the stack; this shows that it has nothing to do.
#[test]
fn mutilated_offers_are_accepted_or_refused() {
    let rng = Arc::new(Seeded::default());
    let common = common(rng.clone());
    let golden = [
        include_str!("../../../livekit/fixtures/publish-chromium-156.sdp"),
        include_str!("../../../livekit/fixtures/publish-python-1.2.1.sdp"),
    ];
    let try_offer = |sdp: String| {
        let description = SessionDescription { r#type: "offer".into(), sdp, ..Default::default() };
        let Ok(plan) = Lines::default().offer(&description) else { return Some(false) };
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let Ok(offer) = SdpOffer::from_sdp_string(&plan.sdp) else { return false };
            peer::connection(&common).sdp_api().accept_offer(offer).is_ok()
        }));
        outcome.ok()
    };
    for sdp in golden {
        assert_eq!(try_offer(sdp.to_owned()), Some(true));
        let mut faults = 0;
        for _ in 0..400 {
            let mut bytes = sdp.as_bytes().to_vec();
            for _ in 0..3 {
                let [a, b, c, d] = kloud_base::random_bytes::<4>(&*rng);
                let at = usize::from(u16::from_be_bytes([a, b])) % bytes.len();
                match d % 3 {
                    0 => bytes[at] = c,
                    1 => drop(bytes.remove(at)),
                    _ => bytes.insert(at, c),
                }
            }
            faults += u32::from(try_offer(String::from_utf8_lossy(&bytes).into_owned()).is_none());
        }
        assert_eq!(faults, 0, "offers that only the guard stopped");
    }
}
