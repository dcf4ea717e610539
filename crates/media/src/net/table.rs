//! Which connection a packet belongs to.
//!
//! A STUN request finds its connection by the name in it, everything else by the address it comes from. An address is
//! believed only after the connection has checked a STUN request from it, so nobody can draw another's packets.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::consent::Asked;
use super::first::{self, Said};
use super::receiver::{Datagram, Origin};

/// Most addresses and names of one connection; a phone that changes networks has a handful.
const MAX_NAMES: usize = 64;

/// Where the packets of a connection go: the connection's number and its thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    pub conn: u64,
    pub thread: usize,
}

/// A connection on which nothing moves: where its reports come from, and how it asks whether it is still wanted.
#[derive(Debug)]
pub struct Resting {
    pub from: Origin,
    pub asked: Option<Arc<Asked>>,
}

/// What the receiver learns from the threads.
#[derive(Debug)]
pub enum RouteUpdate {
    Ufrag(String, Route),
    Address(Origin, Route),
    /// Nothing moves on a connection, so its reports are of no use as long as they come from there; or something does.
    Rests(u64, Option<Resting>),
    Forget(u64),
}

#[derive(Debug, Default)]
pub struct Table {
    ufrags: HashMap<String, Route>,
    addresses: HashMap<Origin, Route>,
    names: HashMap<u64, VecDeque<Name>>,
    resting: HashMap<u64, Resting>,
}

#[derive(Debug)]
enum Name {
    Ufrag(String),
    Address(Origin),
}

impl Table {
    /// Whether it is a report, or a check of a way that is known: what goes on where nobody says or shows anything.
    pub fn is_routine(&self, packet: &Datagram) -> bool {
        let is_check = matches!(packet.bytes.first(), Some(0..4));
        first::is_report(&packet.bytes) || (is_check && self.addresses.contains_key(&packet.origin()))
    }

    /// Where a packet goes, if it goes anywhere.
    pub fn route(&mut self, from: Origin, packet: &[u8]) -> Option<Route> {
        match first::datagram(packet) {
            Said::Check(ufrag) => {
                let route = self.ufrags.get(ufrag).copied()?;
                if self.resting.get(&route.conn).is_some_and(|resting| resting.from != from) {
                    // It may have moved, and its next report says so.
                    self.resting.remove(&route.conn);
                }
                Some(route)
            }
            Said::Media => {
                let route = self.addresses.get(&from).copied()?;
                let rests = |resting: &Resting| resting.from == from;
                let is_useless = first::is_report(packet) && self.resting.get(&route.conn).is_some_and(rests);
                (!is_useless).then_some(route)
            }
            Said::Relay | Said::Channel | Said::Nothing => None,
        }
    }

    /// Whose check this is, if it is one of a connection that rests, and what it must be like to be answered.
    pub fn asked(&self, packet: &Datagram) -> Option<(Route, Arc<Asked>)> {
        let Said::Check(ufrag) = first::datagram(&packet.bytes) else { return None };
        let route = *self.ufrags.get(ufrag)?;
        Some((route, self.resting.get(&route.conn)?.asked.clone()?))
    }

    /// Whether reports are of no use to anybody.
    pub fn all_rest(&self) -> bool {
        self.names.len() == self.resting.len()
    }

    pub fn update(&mut self, update: RouteUpdate) {
        match update {
            RouteUpdate::Ufrag(ufrag, route) => {
                if self.ufrags.insert(ufrag.clone(), route) != Some(route) {
                    self.remember(route.conn, Name::Ufrag(ufrag));
                }
            }
            RouteUpdate::Address(address, route) => {
                if self.addresses.insert(address, route) != Some(route) {
                    self.remember(route.conn, Name::Address(address));
                }
            }
            RouteUpdate::Rests(conn, Some(resting)) => {
                if self.names.contains_key(&conn) {
                    self.resting.insert(conn, resting);
                }
            }
            RouteUpdate::Rests(conn, None) => drop(self.resting.remove(&conn)),
            RouteUpdate::Forget(conn) => {
                self.resting.remove(&conn);
                for name in self.names.remove(&conn).unwrap_or_default() {
                    self.drop_name(conn, &name);
                }
            }
        }
    }

    fn remember(&mut self, conn: u64, name: Name) {
        let names = self.names.entry(conn).or_default();
        names.push_back(name);
        if names.len() > MAX_NAMES
            && let Some(oldest) = names.pop_front()
        {
            self.drop_name(conn, &oldest);
        }
    }

    /// Takes a name away, unless another connection has it by now.
    fn drop_name(&mut self, conn: u64, name: &Name) {
        match name {
            Name::Ufrag(ufrag) => {
                if self.ufrags.get(ufrag).is_some_and(|r| r.conn == conn) {
                    self.ufrags.remove(ufrag);
                }
            }
            Name::Address(address) => {
                if self.addresses.get(address).is_some_and(|r| r.conn == conn) {
                    self.addresses.remove(address);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use bytes::Bytes;

    use super::*;
    use crate::mono;
    use crate::net::Way;

    fn rests(conn: u64, from: Origin) -> RouteUpdate {
        RouteUpdate::Rests(conn, Some(Resting { from, asked: None }))
    }

    #[test]
    fn an_address_belongs_to_the_last_connection_that_proved_it() {
        let at = Origin::Udp("192.0.2.1:5000".parse().expect("an address"));
        let (one, two) = (Route { conn: 1, thread: 0 }, Route { conn: 2, thread: 1 });
        let mut table = Table::default();
        let rtp = [0x80, 96, 0, 0];
        assert_eq!(table.route(at, &rtp), None);
        table.update(RouteUpdate::Address(at, one));
        table.update(RouteUpdate::Address(at, two));
        assert_eq!(table.route(at, &rtp), Some(two));
        let by_stream = Origin::Tcp("192.0.2.1:5000".parse().expect("an address"));
        assert_eq!(table.route(by_stream, &rtp), None, "the other protocol is another place");
        table.update(RouteUpdate::Forget(1));
        assert_eq!(table.route(at, &rtp), Some(two));
        table.update(RouteUpdate::Forget(2));
        assert_eq!(table.route(at, &rtp), None);
        assert!(table.names.is_empty() && table.addresses.is_empty());
    }

    #[test]
    fn reports_and_checks_of_known_ways_are_routine() {
        let known = SocketAddr::from(([192, 0, 2, 1], 5000));
        let mut table = Table::default();
        table.update(RouteUpdate::Address(Origin::Udp(known), Route { conn: 1, thread: 0 }));
        let packet = |from, bytes| {
            let bytes = Bytes::from_static(bytes);
            Datagram { conn: 0, from, to: None, at: mono::now(), bytes, way: Way::Udp, is_answered: false }
        };
        let (report, sound, check, handshake): (_, _, _, &[u8]) = (&[0x80, 201], &[0x80, 111], &[0, 1], &[22, 254]);
        assert!(table.is_routine(&packet(known, report)) && table.is_routine(&packet(known, check)));
        assert!(!table.is_routine(&packet(known, sound)) && !table.is_routine(&packet(known, handshake)));
        let unknown = SocketAddr::from(([192, 0, 2, 1], 5001));
        assert!(!table.is_routine(&packet(unknown, check)), "somebody comes in");
    }

    #[test]
    fn reports_of_a_connection_that_rests_go_nowhere_unless_they_come_from_elsewhere() {
        let at = |host| Origin::Udp(SocketAddr::from(([192, 0, 2, host], 5000)));
        let (here, there) = (at(1), at(2));
        let route = Route { conn: 1, thread: 0 };
        let (report, sound) = ([0x80, 201], [0x80, 111]);
        let mut table = Table::default();
        for origin in [here, there] {
            table.update(RouteUpdate::Address(origin, route));
        }
        table.update(rests(1, here));
        assert_eq!(table.route(here, &report), None);
        assert_eq!(table.route(here, &sound), Some(route));
        assert_eq!(table.route(there, &report), Some(route), "it may have moved");
        table.update(RouteUpdate::Rests(1, None));
        assert_eq!(table.route(here, &report), Some(route));
        table.update(rests(1, here));
        table.update(RouteUpdate::Forget(1));
        table.update(rests(1, here));
        assert!(table.resting.is_empty(), "said of one who has gone meanwhile");
    }

    /// A check (RFC 8489 section 14.3 and RFC 8445 section 7.1): the receiver's name and the sender's.
    fn check(ufrag: &str) -> Vec<u8> {
        let name = format!("{ufrag}:them");
        let mut attribute = [&[0, 6, 0, name.len() as u8], name.as_bytes()].concat();
        attribute.resize(attribute.len().next_multiple_of(4), 0);
        let length = [0, 1, 0, attribute.len() as u8];
        [&length, &[0x21, 0x12, 0xa4, 0x42][..], &[7; 12], &attribute].concat()
    }

    #[test]
    fn all_rest_until_somebody_comes_moves_or_sends() {
        let at = |host| Origin::Udp(SocketAddr::from(([192, 0, 2, host], 5000)));
        let (one, two) = (Route { conn: 1, thread: 0 }, Route { conn: 2, thread: 0 });
        let mut table = Table::default();
        assert!(table.all_rest(), "nobody is there");
        table.update(RouteUpdate::Ufrag("first".into(), one));
        assert!(!table.all_rest());
        table.update(rests(1, at(1)));
        assert!(table.all_rest());
        table.update(RouteUpdate::Ufrag("second".into(), two));
        assert!(!table.all_rest());
        table.update(rests(2, at(2)));
        assert_eq!(table.route(at(1), &check("first")), Some(one));
        assert!(table.all_rest(), "it is where it was");
        assert_eq!(table.route(at(3), &check("first")), Some(one));
        assert!(!table.all_rest(), "it may be elsewhere");
        table.update(rests(1, at(3)));
        assert!(table.all_rest());
        table.update(RouteUpdate::Rests(2, None));
        assert!(!table.all_rest(), "something moves");
        table.update(RouteUpdate::Forget(2));
        assert!(table.all_rest());
    }

    #[test]
    fn a_connection_that_moves_often_is_still_found() {
        let route = Route { conn: 1, thread: 0 };
        let at = |port: u16| Origin::Tcp(SocketAddr::from(([192, 0, 2, 1], port)));
        let mut table = Table::default();
        for port in 1..=200 {
            table.update(RouteUpdate::Address(at(port), route));
            table.update(RouteUpdate::Ufrag("same".into(), route));
        }
        assert_eq!(table.route(at(200), &[0x80]), Some(route));
        assert_eq!(table.route(at(1), &[0x80]), None);
        assert_eq!(table.names[&1].len(), MAX_NAMES);
    }
}
