//! How often strangers are answered. The answers are small, but they cost a hash each and go to an address that
//! nobody has proved.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Instant;

/// Places in the table. Two addresses may share one; then they share its tokens too.
const PLACES: usize = 4_096;
/// Answers to one address at once, and for each second.
const BURST: f64 = 1_000.0;
const PER_SECOND: f64 = 200.0;
/// The same for all of them together.
const BURST_ALL: f64 = 10_000.0;
const PER_SECOND_ALL: f64 = 5_000.0;

/// Tokens that come back with time.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Bucket {
    fn take(&mut self, burst: f64, per_second: f64, now: Instant) -> bool {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + since * per_second).min(burst);
        self.at = self.at.max(now);
        let may = self.tokens >= 1.0;
        if may {
            self.tokens -= 1.0;
        }
        may
    }
}

/// A table of fixed size: however many addresses there are, it grows no larger.
#[derive(Debug)]
pub struct Limit {
    places: Vec<Bucket>,
    all: Bucket,
    seed: u64,
}

impl Limit {
    /// `seed` keeps strangers from choosing whom they share a place with.
    pub fn new(seed: u64, now: Instant) -> Self {
        let bucket = |tokens| Bucket { tokens, at: now };
        Self { places: vec![bucket(BURST); PLACES], all: bucket(BURST_ALL), seed }
    }

    /// Whether this address may be answered once more.
    pub fn may_answer(&mut self, to: IpAddr, now: Instant) -> bool {
        let place = self.place(to);
        self.places[place].take(BURST, PER_SECOND, now) && self.all.take(BURST_ALL, PER_SECOND_ALL, now)
    }

    fn place(&self, of: IpAddr) -> usize {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let mut hasher = DefaultHasher::new();
        (self.seed, network(of)).hash(&mut hasher);
        usize::try_from(hasher.finish() % PLACES as u64).unwrap_or(0)
    }
}

/// What one subscriber is given: an address, or the network of an IPv6 one.
pub fn network(of: IpAddr) -> IpAddr {
    match of {
        IpAddr::V4(_) => of,
        IpAddr::V6(ip) => Ipv6Addr::from(u128::from(ip) & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_flood_is_answered_at_its_rate_and_others_all_the_same() {
        let start = Instant::now();
        let mut limit = Limit::new(7, start);
        let (loud, quiet) = ("192.0.2.1".parse().expect("an address"), "2001:db8::1".parse().expect("an address"));
        let burst = (0..100_000).filter(|_| limit.may_answer(loud, start)).count();
        assert_eq!(burst, BURST as usize);
        assert!(limit.may_answer(quiet, start));
        let later = start + Duration::from_secs(1);
        let second = (0..100_000).filter(|_| limit.may_answer(loud, later)).count();
        assert_eq!(second, PER_SECOND as usize);
    }

    #[test]
    fn one_subscriber_has_one_place_however_many_addresses_its_network_has() {
        let network_of = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(network_of("2001:db8::1"), network_of("2001:db8::ffff:2"));
        assert_ne!(network_of("2001:db8::1"), network_of("2001:db8:0:1::1"));
        assert_ne!(network_of("192.0.2.1"), network_of("192.0.2.2"));
    }
}
