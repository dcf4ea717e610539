//! From where browsers take no media, however well it answers there.

use std::net::{IpAddr, SocketAddr};

use super::Finding;

/// The first port that every program may have.
const FIRST_FREE: u16 = 1024;
/// Those below it that browsers take media from, where the address is of the Internet.
const WEB: [u16; 2] = [80, 443];

/// What is wrong if browsers take media from none of these addresses; it is said of the first.
pub fn refuse(told: &[SocketAddr]) -> Option<Finding> {
    let first = told.first().filter(|_| told.iter().all(refuses))?;
    let (what, cure) = match WEB.contains(&first.port()) {
        true => (
            "port {} of a private address",
            "give media.port a number above 1023; or, where people come from the Internet, set media.advertise to the \
             address they reach this server at",
        ),
        false => ("port {}", "give media.port a number above 1023"),
    };
    let what = what.replace("{}", &first.port().to_string());
    Some(Finding::dead(format!("{first} answers, but browsers take no media from {what}"), cure))
}

/// As Chromium judges an address of another's that it is told (`VerifyCandidate` and `IPIsPrivate` of WebRTC).
fn refuses(told: &SocketAddr) -> bool {
    told.port() < FIRST_FREE && (!WEB.contains(&told.port()) || is_private(told.ip()))
}

/// Of no use on the Internet: this machine's own, of one link (RFC 3927), private (RFC 1918 and RFC 4193), or shared by a
/// provider's customers (RFC 6598).
fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [first, second, ..] = ip.octets();
            let is_shared = first == 100 && second & 0b1100_0000 == 64;
            ip.is_loopback() || ip.is_link_local() || ip.is_private() || is_shared
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unicast_link_local() || ip.is_unique_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(told: &[&str]) -> Option<String> {
        let told: Vec<_> = told.iter().map(|address| address.parse().expect("an address")).collect();
        refuse(&told).map(|finding| finding.to_string())
    }

    #[test]
    fn port_443_of_private_addresses_alone_is_dead_for_browsers_and_the_cure_is_said() {
        for private in ["10.1.2.3:443", "172.31.0.1:80", "192.168.1.5:443", "100.64.0.1:443", "169.254.1.1:443"] {
            let said = said(&[private]).expect("a word");
            assert!(said.starts_with("DEAD") && said.contains(private) && said.contains("private address"), "{said}");
            assert!(said.contains("media.port") && said.contains("media.advertise"), "{said}");
        }
        for private in ["127.0.0.1:443", "[fd12::1]:443", "[fe80::1]:443", "[::1]:443"] {
            assert!(said(&[private]).is_some(), "{private}");
        }
        assert!(said(&["192.168.1.5:443", "[fd12::1]:443"]).is_some());
        assert!(said(&["203.0.113.5:443", "192.168.1.5:443"]).is_none(), "one that they take is enough");
    }

    #[test]
    fn what_browsers_take_is_no_word_worth() {
        for fine in ["203.0.113.5:443", "[2001:db8::1]:80", "100.128.0.1:443", "172.32.0.1:443", "192.168.1.5:7882"] {
            assert!(said(&[fine]).is_none(), "{fine}");
        }
        assert!(said(&[]).is_none());
    }

    #[test]
    fn other_ports_below_1024_are_taken_from_nobody() {
        let said = said(&["203.0.113.5:500"]).expect("a word");
        assert!(said.contains("port 500") && !said.contains("private"), "{said}");
    }
}
