//! The addresses that clients are told. The server knows its own interfaces and asks nobody else.

use std::io;
use std::net::{IpAddr, SocketAddr};

/// The addresses to tell: `wanted` if there are any, else those of all interfaces that are up. Loopback comes last,
/// and alone if the server listens on loopback only.
pub fn advertised(listen: SocketAddr, wanted: &[IpAddr]) -> io::Result<Vec<IpAddr>> {
    if !wanted.is_empty() {
        return Ok(wanted.to_vec());
    }
    if !listen.ip().is_unspecified() {
        return Ok(vec![listen.ip()]);
    }
    let up = if_addrs::get_if_addrs()?.into_iter().filter(|i| i.is_oper_up() || i.is_loopback()).map(|i| i.ip());
    Ok(choose(listen.is_ipv6(), up.collect()))
}

fn choose(dual_stack: bool, mut up: Vec<IpAddr>) -> Vec<IpAddr> {
    up.retain(|ip| match ip {
        IpAddr::V4(ip) => !ip.is_link_local() && !ip.is_unspecified(),
        IpAddr::V6(ip) => dual_stack && !ip.is_unicast_link_local() && !ip.is_unspecified(),
    });
    up.sort_by_key(|ip| (ip.is_loopback(), ip.is_ipv6()));
    up.dedup();
    up
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn loopback_is_the_last_that_is_told() {
        let up = ["127.0.0.1", "::1", "fe80::1", "169.254.1.1", "fd00::5", "192.168.1.4"].map(ip).to_vec();
        assert_eq!(choose(true, up.clone()), ["192.168.1.4", "fd00::5", "127.0.0.1", "::1"].map(ip));
        assert_eq!(choose(false, up), ["192.168.1.4", "127.0.0.1"].map(ip));
    }

    #[test]
    fn a_server_on_loopback_tells_loopback_only() {
        let listen = SocketAddr::new(ip("127.0.0.1"), 7882);
        assert_eq!(advertised(listen, &[]).expect("addresses"), [ip("127.0.0.1")]);
        assert_eq!(advertised(listen, &[ip("203.0.113.5")]).expect("addresses"), [ip("203.0.113.5")]);
    }
}
