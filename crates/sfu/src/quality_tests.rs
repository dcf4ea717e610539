use kloud_base::Rng;

use super::ConnectionQuality::{Excellent, Good, Lost, Poor};
use super::*;

struct Zeros;

impl Rng for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

fn ada() -> ParticipantSid {
    ParticipantSid::random(&Zeros)
}

fn first(sample: Sample) -> Option<ConnectionQuality> {
    Qualities::default().observe(ada(), &sample).map(|change| change.quality)
}

const FINE: Sample =
    Sample { sent_loss: Some(0.0), received_loss: Some(0.0), rtt_ms: Some(30.0), carries: Some((2_000_000, 500_000)) };

#[test]
fn each_measure_alone_can_make_a_connection_worse() {
    let cases = [
        (FINE, Excellent),
        (Sample { sent_loss: Some(0.02), ..FINE }, Excellent),
        (Sample { sent_loss: Some(0.08), ..FINE }, Good),
        (Sample { received_loss: Some(0.2), ..FINE }, Poor),
        (Sample { rtt_ms: Some(300.0), ..FINE }, Good),
        (Sample { rtt_ms: Some(600.0), ..FINE }, Poor),
        (Sample { carries: Some((500_000, 1_700_000)), ..FINE }, Good),
        (Sample { carries: Some((60_000, 1_700_000)), ..FINE }, Poor),
        (Sample { sent_loss: None, ..FINE }, Excellent),
    ];
    for (sample, expected) in cases {
        assert_eq!(first(sample), Some(expected), "{sample:?}");
    }
}

#[test]
fn without_a_measure_of_packets_nothing_is_said() {
    assert_eq!(first(Sample::default()), None);
    assert_eq!(first(Sample { sent_loss: None, received_loss: None, ..FINE }), None);
}

#[test]
fn of_two_connections_the_worse_counts_in_each_respect() {
    let up = Sample { sent_loss: Some(0.1), received_loss: None, rtt_ms: Some(20.0), carries: Some((9_000_000, 0)) };
    let down = Sample { sent_loss: None, received_loss: Some(0.2), rtt_ms: None, carries: Some((100, 200)) };
    let both = Sample { received_loss: Some(0.2), carries: Some((100, 200)), ..up };
    assert_eq!((up.worse(&down), down.worse(&up)), (both, both));
    assert_eq!(up.worse(&Sample::default()), up);
}

#[test]
fn one_bad_window_is_not_yet_a_poor_connection() {
    let (ada, bad) = (ada(), Sample { received_loss: Some(0.3), ..FINE });
    let mut all = Qualities::default();
    assert!(all.observe(ada, &FINE).is_some());
    assert_eq!(all.observe(ada, &FINE), None, "nothing new");
    let told = [(); 3].map(|()| all.observe(ada, &bad).map(|c| c.quality));
    assert_eq!(told, [Some(Good), Some(Poor), Some(Poor)]);
    let told = [(); 3].map(|()| all.observe(ada, &FINE).map(|c| c.quality));
    assert_eq!(told, [Some(Good), Some(Good), Some(Excellent)]);
}

#[test]
fn a_connection_that_is_there_again_is_poor_until_it_is_measured() {
    let ada = ada();
    let mut all = Qualities::default();
    assert_eq!(all.found(ada), None, "it was never lost");
    assert_eq!(all.lost(ada).map(|c| c.quality), Some(Lost));
    assert_eq!(all.lost(ada), None);
    assert_eq!(all.found(ada).map(|c| c.quality), Some(Poor));
    assert_eq!(all.observe(ada, &FINE).map(|c| c.quality), Some(Good), "half of what it was");
    assert_eq!(all.now().count(), 1);
    all.forget(ada);
    assert_eq!(all.now().count(), 0);
}

#[test]
fn a_slow_drift_is_told_once_it_adds_up() {
    let mut all = Qualities::default();
    let told: Vec<_> = (0..12u8)
        .filter_map(|n| all.observe(ada(), &Sample { received_loss: Some(f32::from(n) * 0.003), ..FINE }))
        .collect();
    assert!(told.len() > 2 && told.len() < 6, "{told:?}");
}
