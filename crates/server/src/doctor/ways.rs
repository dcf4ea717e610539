//! The ways of media: each is tried by one who joins and has no other.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use kloud_load::{By, Carrier, NoWay, Relay, Session, Told, Wire};
use tokio::net::{TcpStream, UdpSocket};

use super::web::Web;
use super::{Finding, browsers};

/// For media to come up by one way.
const PATIENCE: Duration = Duration::from_secs(5);

pub struct Ways {
    web: Web,
    token: String,
}

impl Ways {
    pub fn new(web: Web, token: String) -> Self {
        Self { web, token }
    }

    /// Joins, over whatever joined before.
    pub async fn join(&self) -> Result<Session, Finding> {
        let at = self.web.authority();
        let stream = self.web.stream().await.map_err(|error| Finding::dead(error, "see the web page above"))?;
        Session::join(stream, &at, &self.token).await.map_err(|no| {
            let cure = match no {
                NoWay::Status(401 | 403) => "give a --token that this server's API key has signed and that is not over",
                NoWay::Status(_) | NoWay::Socket(_) => {
                    "a proxy in front must pass on WebSockets (Upgrade and Connection headers, 64 KB of request head)"
                }
                _ => "see the log of the server",
            };
            Finding::dead(no, cure)
        })
    }

    pub async fn udp(&self, told: &Told) -> Finding {
        if told.udp.is_empty() {
            return Finding::dead("the server tells no address", "set media.advertise to an address that leads to it");
        }
        self.straight(&told.udp, "UDP", async |to| Some(Wire::udp_from(local_ip(to).await?).await)).await
    }

    pub async fn tcp(&self, told: &Told) -> Finding {
        if told.tcp.is_empty() {
            return Finding::Absent("media.tcp is off: who can send no UDP has the relay, if anything".into());
        }
        self.straight(&told.tcp, "TCP", async |to| {
            let stream = tokio::time::timeout(PATIENCE, TcpStream::connect(to)).await;
            stream.ok()?.ok().map(Wire::on)
        })
        .await
    }

    /// Tries each address of the server; one that leads there is enough.
    async fn straight(&self, to: &[SocketAddr], by: &str, wire: impl AsyncFn(SocketAddr) -> Option<Wire>) -> Finding {
        let (mut alive, mut dead) = (None, Vec::new());
        let to = outer(to);
        for &address in &to {
            let tried = match wire(address).await {
                Some(wire) => self.try_way(wire, address).await,
                None => Err(Finding::dead("no connection", "")),
            };
            match tried {
                Ok(took) => alive = alive.or(Some((address, took))),
                Err(_) => dead.push(address.to_string()),
            }
        }
        let port = to.first().map_or(0, SocketAddr::port);
        match alive {
            None => Finding::dead(
                format!("nothing comes back from {}", dead.join(", ")),
                format!(
                    "let {by} port {port} through the server's firewall and router; behind one, set media.advertise to \
                     its outer address"
                ),
            ),
            Some(_) if let Some(refused) = browsers::refuse(&to) => refused,
            Some((address, took)) if dead.is_empty() => Finding::Alive(format!("{address} in {} ms", took.as_millis())),
            Some((address, took)) => Finding::Noted(format!(
                "{address} in {} ms; from here nothing comes back from {} (media.advertise names what is told)",
                took.as_millis(),
                dead.join(", ")
            )),
        }
    }

    async fn try_way(&self, wire: Wire, to: SocketAddr) -> Result<Duration, Finding> {
        let mut session = self.join().await?;
        session.connect(wire, to, PATIENCE).await.map_err(|no| Finding::dead(no, ""))
    }

    pub async fn relay_udp(&self, told: &Told) -> Finding {
        self.plain_relay(told, By::Udp, "UDP").await
    }

    pub async fn relay_tcp(&self, told: &Told) -> Finding {
        self.plain_relay(told, By::Tcp, "TCP").await
    }

    async fn plain_relay(&self, told: &Told, by: By, name: &str) -> Finding {
        let relays: Vec<SocketAddr> = urls(told, "turn:").filter_map(|at| at.parse().ok()).collect();
        let Some(first) = relays.first() else { return no_relay(told) };
        let cure = format!("let {name} port {} through the server's firewall and router", first.port());
        let mut why = Finding::dead("nothing comes back", cure.clone());
        for relay in relays {
            let carrier = match tokio::time::timeout(PATIENCE, Carrier::open(by, relay)).await {
                Ok(Ok(carrier)) => carrier,
                Ok(Err(error)) => {
                    why = Finding::dead(format!("{relay}: {error}"), cure.clone());
                    continue;
                }
                Err(_) => continue,
            };
            match self.through(carrier, told).await {
                Ok(took) => return Finding::Alive(format!("{relay} in {} ms", took.as_millis())),
                Err(no) => why = Finding::dead(format!("{relay}: {no}"), cure.clone()),
            }
        }
        why
    }

    pub async fn relay_tls(&self, told: &Told) -> Finding {
        if urls(told, "turn:").next().is_none() && urls(told, "turns:").next().is_none() {
            return no_relay(told);
        }
        let Some((host, port)) = urls(told, "turns:").find_map(|at| at.rsplit_once(':')) else {
            return Finding::Absent("the server has no certificate with a name ([tls] in the configuration)".into());
        };
        let cure = format!("see that {host} leads to the server, with no proxy in front that speaks HTTP only");
        let stream = match self.web.stream_to(host, port.parse().unwrap_or(443), true).await {
            Ok(stream) => stream,
            Err(error) => return Finding::dead(format!("{host}:{port}: {error}"), cure),
        };
        match self.through(Carrier::on(stream), told).await {
            Ok(took) => Finding::Alive(format!("{host}:{port} in {} ms", took.as_millis())),
            Err(no) => Finding::dead(format!("{host}:{port}: {no}"), cure),
        }
    }

    /// Brings media up through the relay alone.
    async fn through(&self, carrier: Carrier, told: &Told) -> Result<Duration, NoWay> {
        let mut session = self.join().await.map_err(|_| NoWay::NotLetIn)?;
        let server = session.told.servers.first().ok_or(NoWay::NotLetIn)?;
        let seed = kloud_base::random_bytes::<8>(&crate::system::SystemRng);
        let relay = Relay::allocate(carrier, Relay::credentials(server), seed).await.map_err(NoWay::Relay)?;
        let same_family = |to: &&SocketAddr| to.is_ipv4() == relay.relayed().is_ipv4();
        let to = told.udp.iter().find(same_family).copied().ok_or(NoWay::Silent)?;
        session.connect(Wire::Relay(Box::new(relay)), to, PATIENCE).await
    }
}

fn no_relay(told: &Told) -> Finding {
    if told.servers.is_empty() {
        Finding::Absent("media.relay is off, or neither TCP nor TLS leads to it".into())
    } else {
        Finding::Absent("clients are told of none".into())
    }
}

/// What follows `scheme` in the addresses of relays.
fn urls<'a>(told: &'a Told, scheme: &'a str) -> impl Iterator<Item = &'a str> {
    let all = told.servers.iter().flat_map(|server| &server.urls);
    all.filter_map(move |url| url.strip_prefix(scheme)?.split('?').next())
}

/// Without loopback, unless there is nothing else.
fn outer(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let far: Vec<_> = addresses.iter().copied().filter(|at| !at.ip().is_loopback()).collect();
    if far.is_empty() { addresses.to_vec() } else { far }
}

/// The address of this machine that faces another. Nothing is sent.
async fn local_ip(to: SocketAddr) -> Option<IpAddr> {
    let any: SocketAddr = if to.is_ipv4() { ([0; 4], 0).into() } else { ([0u16; 8], 0).into() };
    let socket = UdpSocket::bind(any).await.ok()?;
    socket.connect(to).await.ok()?;
    Some(socket.local_addr().ok()?.ip())
}
