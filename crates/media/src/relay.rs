//! What clients are told of the relay: this server's own addresses, and a name with a password that ends by itself.

use std::net::{IpAddr, SocketAddr};

use kloud_base::{HOUR, Millis, Rng, Timestamp};
use kloud_livekit::proto::IceServer;
use kloud_turn::{Relay, Secret};

use crate::config::{MediaConfig, RelayConfig, TcpPort};
use crate::mono;

/// How long a client may come to the relay with its name. What it has there by then, it can keep.
const NAMES_LAST: Millis = 24 * HOUR;

/// Where the relay is reached, and what its passwords are made of.
#[derive(Debug)]
pub struct RelayOffer {
    urls: Vec<String>,
    secret: Secret,
}

impl RelayOffer {
    /// `None` if there is to be no relay.
    pub fn new(config: &MediaConfig, candidates: &[SocketAddr]) -> Option<Self> {
        let urls = urls(&config.relay, config.tcp, candidates);
        config.relay.on.then(|| Self { urls, secret: Secret::random(&*config.rng) })
    }

    pub fn relay<C: Copy + Eq + std::hash::Hash>(&self, peers: Vec<SocketAddr>, rng: &dyn Rng) -> Relay<C> {
        Relay::new(self.secret.clone(), peers, rng, mono::now())
    }

    /// What one client is told, if there is a way to tell.
    pub fn server(&self, who: &str, now: Timestamp) -> Option<IceServer> {
        let made = self.secret.mint(who, now + NAMES_LAST);
        let urls = Some(self.urls.clone()).filter(|urls| !urls.is_empty())?;
        Some(IceServer { urls, username: made.username, credential: made.password })
    }
}

/// One address of each family is enough: the first is the best known one.
fn urls(config: &RelayConfig, tcp: TcpPort, candidates: &[SocketAddr]) -> Vec<String> {
    let first = |family: fn(&IpAddr) -> bool| candidates.iter().find(|c| family(&c.ip()));
    let firsts: Vec<_> = [first(IpAddr::is_ipv4), first(IpAddr::is_ipv6)].into_iter().flatten().collect();
    // Loopback is told where there is nothing else.
    let outer = firsts.iter().any(|c| !c.ip().is_loopback());
    let shown = firsts.into_iter().filter(|c| !outer || !c.ip().is_loopback());
    let plain = shown.flat_map(|at| {
        let by = |told: bool, way: &str| told.then(|| format!("turn:{at}?transport={way}"));
        [by(config.told_by_udp, "udp"), by(tcp != TcpPort::Closed, "tcp")]
    });
    let tls = config.tls.iter().map(|name| Some(format!("turns:{name}?transport=tcp")));
    plain.chain(tls).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_told_one_address_of_each_family_and_names_for_tls() {
        let at = |texts: &[&str]| texts.iter().map(|t| t.parse().expect("an address")).collect::<Vec<SocketAddr>>();
        let config = |told_by_udp, tls: &[&str]| RelayConfig {
            on: true,
            told_by_udp,
            tls: tls.iter().map(|name| (*name).to_owned()).collect(),
        };
        let here = at(&["192.0.2.1:443", "192.0.2.2:443", "[2001:db8::1]:443", "127.0.0.1:443", "[::1]:443"]);
        assert_eq!(
            urls(&config(false, &["meet.example.org:443"]), TcpPort::Own, &here),
            [
                "turn:192.0.2.1:443?transport=tcp",
                "turn:[2001:db8::1]:443?transport=tcp",
                "turns:meet.example.org:443?transport=tcp",
            ]
        );
        let loopback = at(&["127.0.0.1:7882", "[::1]:7882"]);
        assert_eq!(
            urls(&config(true, &[]), TcpPort::Closed, &loopback),
            ["turn:127.0.0.1:7882?transport=udp", "turn:[::1]:7882?transport=udp"]
        );
        let mixed = at(&["192.0.2.1:7882", "127.0.0.1:7882", "[::1]:7882"]);
        assert_eq!(urls(&config(false, &[]), TcpPort::Elsewhere, &mixed), ["turn:192.0.2.1:7882?transport=tcp"]);
    }
}
