//! Where a request comes from, cut short at the edge: nothing behind it ever holds a whole address.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;

/// The /24 of an IPv4 address or the /48 of an IPv6 one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AddressPrefix(IpAddr);

impl AddressPrefix {
    pub fn of(address: IpAddr) -> Self {
        Self(match address {
            IpAddr::V4(v4) => cut_v4(v4),
            IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
                Some(v4) => cut_v4(v4),
                None => {
                    let [a, b, c, ..] = v6.segments();
                    IpAddr::V6(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
                }
            },
        })
    }
}

fn cut_v4(address: Ipv4Addr) -> IpAddr {
    let [a, b, c, _] = address.octets();
    IpAddr::V4(Ipv4Addr::new(a, b, c, 0))
}

impl fmt::Display for AddressPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(v4) => write!(f, "{v4}/24"),
            IpAddr::V6(v6) => write!(f, "{v6}/48"),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for AddressPrefix {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        // Without a peer (a test that calls the router itself) the request is local.
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        Ok(Self::of(peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_cut() {
        let check = |address: &str, expected: &str| {
            let address: IpAddr = address.parse().expect("an address");
            assert_eq!(AddressPrefix::of(address).to_string(), expected);
        };
        check("203.0.113.77", "203.0.113.0/24");
        check("::ffff:203.0.113.77", "203.0.113.0/24");
        check("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48");
    }
}
