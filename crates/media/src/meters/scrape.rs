//! Everything that is counted, under the names that Prometheus gets it by.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use kloud_sfu::{ConnectionQuality, Kind};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;

use super::thread::Count;
use super::{Flow, Meters, ThreadMeter};

/// What is counted by looking rather than as it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    Meeting,
    ApiRoom,
    /// Somebody whose media is up.
    Active,
    /// Somebody on the way in.
    Joining,
    Publisher,
    Track(Kind),
    /// A track that somebody gets.
    Subscription(Kind),
    ExcellentConnection,
    GoodConnection,
    PoorConnection,
    LostConnection,
}

impl From<ConnectionQuality> for Thing {
    fn from(quality: ConnectionQuality) -> Self {
        match quality {
            ConnectionQuality::Excellent => Self::ExcellentConnection,
            ConnectionQuality::Good => Self::GoodConnection,
            ConnectionQuality::Poor => Self::PoorConnection,
            ConnectionQuality::Lost => Self::LostConnection,
        }
    }
}

/// How many there are of what, as their rooms have counted it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census(BTreeMap<Thing, u64>);

impl Census {
    pub fn count(&mut self, thing: Thing) {
        self.add(thing, 1);
    }

    pub fn add(&mut self, thing: Thing, more: u64) {
        *self.0.entry(thing).or_default() += more;
    }

    /// Adds what another room has counted.
    pub fn join(&mut self, other: &Self) {
        other.0.iter().for_each(|(thing, more)| self.add(*thing, *more));
    }

    fn of(&self, thing: Thing) -> u64 {
        self.0.get(&thing).copied().unwrap_or(0)
    }
}

impl Meters {
    /// Puts everything under its name.
    pub fn register(self: &Arc<Self>, registry: &mut Registry) {
        let joins = "Joins by what came of them and by the way that their media takes";
        registry.register("kloud_media_joins", joins, self.joins.clone());
        let first = "Seconds from the opening of the signal socket to the first sound or picture";
        registry.register("kloud_media_first_media_seconds", first, self.first_media.clone());
        let trips = "Seconds of round trips, one measure of each connection every two seconds";
        registry.register("kloud_media_round_trip_seconds", trips, self.round_trips.clone());
        registry.register("kloud_media_webhooks", "Webhooks by what became of them", self.hooks.clone());
        registry.register_collector(Box::new(Sums(self.clone())));
    }

    /// Takes over what rooms have counted, and what the kernel has; the next scrape shows it.
    pub fn take_census(&self, census: Census, kernel_drops: u64) {
        self.kernel_drops.fetch_max(kernel_drops, Ordering::Relaxed);
        *self.census.lock().unwrap_or_else(PoisonError::into_inner) = census;
    }
}

/// Sums over the threads, made at each scrape.
#[derive(Debug)]
struct Sums(Arc<Meters>);

/// Name, help and label, and what each word of the label counts.
type Gauge<'a> = (&'a str, &'a str, &'a str, &'a [(&'a str, Thing)]);
type Flowing<T> = fn(&ThreadMeter) -> (&T, &T);

const IN_OUT: [&str; 2] = ["in", "out"];

impl Collector for Sums {
    fn encode(&self, mut to: DescriptorEncoder) -> fmt::Result {
        self.flows(&mut to)?;
        self.wire(&mut to)?;
        self.losses(&mut to)?;
        self.busy(&mut to)?;
        self.spread(&mut to)?;
        self.census(&mut to)
    }
}

impl Sums {
    fn sum(&self, of: impl Fn(&ThreadMeter) -> &Count) -> u64 {
        self.0.threads.iter().chain([&self.0.receiver]).map(|thread| of(thread).get()).sum()
    }

    fn flows(&self, to: &mut DescriptorEncoder) -> fmt::Result {
        let kinds: [(&str, Flowing<Flow>); 3] = [
            ("audio", |t| (&t.received.audio, &t.forwarded.audio)),
            ("video", |t| (&t.received.video, &t.forwarded.video)),
            ("data", |t| (&t.received.data, &t.forwarded.data)),
        ];
        let packets = "Media packets and messages, from publishers and to viewers";
        let bytes = "Bytes of payload in media packets and messages";
        self.by_flow(to, ("kloud_media_packets", packets), "kind", &kinds, |flow| &flow.packets)?;
        self.by_flow(to, ("kloud_media_bytes", bytes), "kind", &kinds, |flow| &flow.bytes)
    }

    fn wire(&self, to: &mut DescriptorEncoder) -> fmt::Result {
        let paths: [(&str, Flowing<Flow>); 3] = [
            ("udp", |t| (&t.wire_in.udp, &t.wire_out.udp)),
            ("tcp", |t| (&t.wire_in.tcp, &t.wire_out.tcp)),
            ("relay", |t| (&t.wire_in.relay, &t.wire_out.relay)),
        ];
        let packets = "Packets of any kind on the wire, by the way they take";
        let bytes = "Bytes of packets on the wire, without the headers of IP, UDP and TCP";
        self.by_flow(to, ("kloud_media_wire_packets", packets), "path", &paths, |flow| &flow.packets)?;
        self.by_flow(to, ("kloud_media_wire_bytes", bytes), "path", &paths, |flow| &flow.bytes)
    }

    fn by_flow(
        &self,
        to: &mut DescriptorEncoder,
        (name, help): (&str, &str),
        label: &str,
        flows: &[(&str, Flowing<Flow>)],
        of: fn(&Flow) -> &Count,
    ) -> fmt::Result {
        let mut metric = to.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (word, flow) in flows {
            let sums = [self.sum(|thread| of(flow(thread).0)), self.sum(|thread| of(flow(thread).1))];
            for (direction, sum) in IN_OUT.iter().zip(sums) {
                let labels = [("direction", *direction), (label, *word)];
                metric.encode_family(&labels)?.encode_counter::<NoLabelSet, _, f64>(&sum, None)?;
            }
        }
        Ok(())
    }

    fn losses(&self, to: &mut DescriptorEncoder) -> fmt::Result {
        let lost =
            [([("direction", "in")], self.sum(|t| &t.lost_in)), ([("direction", "out")], self.sum(|t| &t.lost_out))];
        let help = "Media packets that did not arrive: at the server as far as can be told, at viewers as they report";
        counter(to, ("kloud_media_packets_lost", help), &lost)?;
        let asked = [
            ([("direction", "in")], self.sum(|t| &t.asked_by_viewers)),
            ([("direction", "out")], self.sum(|t| &t.asked_of_publishers)),
        ];
        let help = "Requests for lost packets (NACK), from viewers and to publishers";
        counter(to, ("kloud_media_repair_requests", help), &asked)?;
        let resent = [([("", ""); 0], self.sum(|t| &t.resent))];
        let help = "Packets on repair lines: sent again, or sent to find out what a line carries";
        counter(to, ("kloud_media_packets_resent", help), &resent)?;
        let dropped = [
            ([("reason", "thread_full")], self.sum(|t| &t.overrun)),
            ([("reason", "socket_full")], self.sum(|t| &t.unsent)),
            ([("reason", "kernel_full")], self.0.kernel_drops.load(Ordering::Relaxed)),
        ];
        let help = "Packets dropped on this machine: a thread, the socket or the kernel's buffer could take no more";
        counter(to, ("kloud_media_packets_dropped", help), &dropped)
    }

    fn busy(&self, to: &mut DescriptorEncoder) -> fmt::Result {
        let help = "Seconds that each media thread has worked; its rate is the busy share of the thread";
        let mut metric = to.encode_descriptor("kloud_media_thread_busy_seconds", help, None, MetricType::Counter)?;
        let media = self.0.threads.iter().enumerate().map(|(index, thread)| (format!("media-{index}"), thread));
        for (thread, meter) in media.chain([("media-receive".to_owned(), &self.0.receiver)]) {
            let seconds = meter.busy_for().as_secs_f64();
            let labels = [("thread", thread.as_str())];
            metric.encode_family(&labels)?.encode_counter::<NoLabelSet, _, f64>(&seconds, None)?;
        }
        Ok(())
    }

    fn spread(&self, to: &mut DescriptorEncoder) -> fmt::Result {
        let help = "Connections of each media thread";
        let mut metric = to.encode_descriptor("kloud_media_thread_connections", help, None, MetricType::Gauge)?;
        for (index, meter) in self.0.threads.iter().enumerate() {
            let thread = format!("media-{index}");
            metric.encode_family(&[("thread", thread.as_str())])?.encode_gauge(&meter.connections.get())?;
        }
        Ok(())
    }

    fn census(&self, to: &mut DescriptorEncoder) -> fmt::Result {
        let census = self.0.census.lock().unwrap_or_else(PoisonError::into_inner);
        let gauges: [Gauge<'_>; 6] = [
            ("kloud_media_rooms", "Open rooms", "kind", &[("meeting", Thing::Meeting), ("api", Thing::ApiRoom)]),
            (
                "kloud_media_participants",
                "People in rooms, and those whose media is not up yet",
                "state",
                &[("active", Thing::Active), ("joining", Thing::Joining)],
            ),
            ("kloud_media_publishers", "People who publish something", "state", &[("publishing", Thing::Publisher)]),
            (
                "kloud_media_tracks",
                "Published tracks",
                "kind",
                &[("audio", Thing::Track(Kind::Audio)), ("video", Thing::Track(Kind::Video))],
            ),
            (
                "kloud_media_subscriptions",
                "Tracks that people get, once for each who does",
                "kind",
                &[("audio", Thing::Subscription(Kind::Audio)), ("video", Thing::Subscription(Kind::Video))],
            ),
            (
                "kloud_media_connections",
                "Connections that were measured, by how well they work",
                "quality",
                &[
                    ("excellent", Thing::ExcellentConnection),
                    ("good", Thing::GoodConnection),
                    ("poor", Thing::PoorConnection),
                    ("lost", Thing::LostConnection),
                ],
            ),
        ];
        for (name, help, label, things) in gauges {
            let mut metric = to.encode_descriptor(name, help, None, MetricType::Gauge)?;
            for (word, thing) in things {
                metric.encode_family(&[(label, *word)])?.encode_gauge(&census.of(*thing))?;
            }
        }
        Ok(())
    }
}

fn counter<L: EncodeLabelSet>(
    to: &mut DescriptorEncoder,
    (name, help): (&str, &str),
    values: &[(L, u64)],
) -> fmt::Result {
    let mut metric = to.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (labels, value) in values {
        metric.encode_family(labels)?.encode_counter::<NoLabelSet, _, f64>(value, None)?;
    }
    Ok(())
}
