//! Reports (RTCP): what the client says of what it got, and what it is told of the time.

use std::time::Duration;

use kloud_sfu::Arrival;
use rtcp_types::prelude::*;
use rtcp_types::{
    Compound, Fir, Nack, Packet, Pli, ReportBlock, Sdes, SdesChunk, SdesItem, SenderReport, Twcc, TwccPacketStatus,
};

/// Most bytes of a report.
const MAX: usize = 1_100;
/// Kinds of reports (RFC 3550 section 12.1): a sender's, and what a sender is called.
const SENDER: u8 = 200;
const SOURCES: u8 = 202;
/// Quarters of a millisecond in the unit of a transport report's time (draft-holmer-rmcat-transport-wide-cc-extensions-01
/// section 3.1).
const REFERENCE: u32 = 256;
/// Packets of which a transport report tells, mostly.
const USUAL: usize = 32;

/// What a client says.
#[derive(Debug, PartialEq)]
pub enum Said {
    /// It lost the picture of a stream.
    Keyframe(u32),
    /// It misses packets of a stream.
    Again(u32, Vec<u16>),
    /// What it got of a stream since it last said so.
    Report(Block),
    /// When each packet arrived, on its own clock.
    Transport(Vec<(u16, Option<Arrival>)>),
    /// It says something of what it sends.
    OfItself,
}

/// A receiver's report of one stream (RFC 3550 section 6.4.1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Block {
    pub ssrc: u32,
    /// The part that was lost since the last report.
    pub loss: f32,
    /// Packets that were lost since the beginning.
    pub lost: u64,
    pub last_report: u32,
    /// Between that report's arrival and this one's departure, in units of 1/65,536 s.
    pub delay: u32,
}

/// Reads everything that is said, up to the first thing that cannot be read.
pub fn read(plain: &[u8], mut said: impl FnMut(Said)) {
    let Ok(compound) = Compound::parse(plain) else { return };
    for packet in compound.map_while(Result::ok) {
        match packet {
            Packet::Sr(report) => {
                said(Said::OfItself);
                report.report_blocks().for_each(|block| said(Said::Report(Block::of(&block))));
            }
            Packet::Rr(report) => report.report_blocks().for_each(|block| said(Said::Report(Block::of(&block)))),
            Packet::TransportFeedback(feedback) => {
                if let Ok(nack) = feedback.parse_fci::<Nack<'_>>() {
                    said(Said::Again(feedback.media_ssrc(), nack.entries().collect()));
                } else if let Ok(twcc) = feedback.parse_fci::<Twcc<'_>>() {
                    said(Said::Transport(arrivals(&twcc)));
                }
            }
            Packet::PayloadFeedback(feedback) => {
                if feedback.parse_fci::<Pli<'_>>().is_ok() {
                    said(Said::Keyframe(feedback.media_ssrc()));
                } else if let Ok(fir) = feedback.parse_fci::<Fir<'_>>() {
                    fir.entries().for_each(|entry| said(Said::Keyframe(entry.ssrc())));
                }
            }
            Packet::Bye(_) | Packet::Xr(_) => said(Said::OfItself),
            Packet::Sdes(_) | Packet::App(_) | Packet::Unknown(_) => {}
        }
    }
}

/// Arrival times are deltas, each to the one before.
fn arrivals(twcc: &Twcc<'_>) -> Vec<(u16, Option<Arrival>)> {
    let mut at = twcc.reference_time().wrapping_mul(REFERENCE);
    let packets = twcc.packets().map_while(Result::ok);
    let mut all = Vec::with_capacity(USUAL);
    let arrival = |(number, status)| match status {
        TwccPacketStatus::NotReceived => (number, None),
        TwccPacketStatus::Received { delta } => {
            at = at.wrapping_add_signed(i32::from(delta));
            (number, Some(Arrival(at)))
        }
    };
    all.extend(packets.map(arrival));
    all
}

impl Block {
    fn of(block: &ReportBlock<'_>) -> Self {
        // 24 bits with a sign: more can arrive than was sent.
        let lost = (block.cumulative_lost() << 8).cast_signed() >> 8;
        Self {
            ssrc: block.ssrc(),
            loss: f32::from(block.fraction_lost()) / 256.0,
            lost: u64::try_from(lost).unwrap_or(0),
            last_report: block.last_sender_report_timestamp(),
            delay: block.delay_since_last_sender_report_timestamp(),
        }
    }

    /// The time there and back, if a report of this side has arrived; `now` as in [`short`].
    pub fn round_trip(&self, now: u32) -> Option<Duration> {
        let taken = now.wrapping_sub(self.last_report).wrapping_sub(self.delay).cast_signed();
        let taken = u64::try_from(taken).ok().filter(|_| self.last_report != 0)?;
        Some(Duration::from_micros(taken * 1_000_000 / 65_536))
    }
}

/// What the client of a line is told of it.
#[derive(Debug)]
pub struct Told<'a> {
    pub ssrc: u32,
    pub timestamp: u32,
    pub packets: u64,
    pub bytes: u64,
    pub name: &'a str,
}

/// A time in whole seconds and 32 bits behind the point. Its zero is when the server started: it says nothing else.
pub fn long(since_start: Duration) -> u64 {
    // Zero stands for no time at all.
    ((since_start.as_secs() + 1) << 32) | ((u64::from(since_start.subsec_nanos()) << 32) / 1_000_000_000)
}

/// The middle 32 bits of such a time.
pub fn short(since_start: Duration) -> u32 {
    (long(since_start) >> 16) as u32
}

/// Reports of lines at one time, each as long as one packet may be.
pub fn write(lines: &[Told<'_>], since_start: Duration) -> Vec<Vec<u8>> {
    let mut reports = vec![Vec::new()];
    for line in lines {
        let time = SenderReport::builder(line.ssrc)
            .ntp_timestamp(long(since_start))
            .rtp_timestamp(line.timestamp)
            .packet_count(line.packets as u32)
            .octet_count(line.bytes as u32);
        let name = SdesItem::builder(SdesItem::CNAME, line.name);
        let source = Sdes::builder().add_chunk(SdesChunk::builder(line.ssrc).add_item(name));
        let compound = Compound::builder().add_packet(time).add_packet(source);
        let mut bytes = [0; 512];
        // A name too long for a report was made by nobody here.
        let Ok(length) = compound.write_into(&mut bytes) else { continue };
        if reports.last().is_some_and(|report| report.len() + length > MAX) {
            reports.push(Vec::new());
        }
        if let Some(report) = reports.last_mut() {
            report.extend_from_slice(&bytes[..length]);
        }
    }
    reports.retain(|report| !report.is_empty());
    reports
}

/// What the stack reports, without what it says of streams that it sends nothing on.
pub fn without_streams(plain: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(plain.len());
    let mut rest = plain;
    while let [_, kind, high, low, ..] = *rest {
        let length = (usize::from(u16::from_be_bytes([high, low])) + 1) * 4;
        let Some((packet, after)) = rest.split_at_checked(length) else { break };
        if kind != SENDER && kind != SOURCES {
            kept.extend_from_slice(packet);
        }
        rest = after;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(plain: &[u8]) -> Vec<Said> {
        let mut all = Vec::new();
        read(plain, |said| all.push(said));
        all
    }

    #[test]
    fn what_a_client_says_is_read() {
        let lost = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 9];
        let again = [0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 9, 0, 100, 0, 0b101];
        let report = [
            0x81, 201, 0, 7, 0, 0, 0, 1, 0, 0, 0, 9, 64, 0xff, 0xff, 0xff, 0, 0, 0, 5, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0,
            0x80, 0,
        ];
        let all = [&report[..], &lost, &again].concat();
        let block = Block { ssrc: 9, loss: 0.25, lost: 0, last_report: 0x1_0000, delay: 0x8000 };
        assert_eq!(heard(&all), [Said::Report(block), Said::Keyframe(9), Said::Again(9, vec![100, 101, 103])]);
        assert_eq!(block.round_trip(0x2_0000), Some(Duration::from_millis(500)));
        assert_eq!(Block { last_report: 0, ..block }.round_trip(0x2_0000), None);
        assert_eq!(heard(&all[..20]), []);
    }

    #[test]
    fn arrivals_are_deltas_to_the_one_before() {
        // Numbers 7 to 10: after 1 ms, never, 2 ms later, 1 ms earlier.
        let chunk = 0b11_01_00_01_10_00_00_00u16.to_be_bytes();
        let transport = [
            0x8f, 205, 0, 6, 0, 0, 0, 1, 0, 0, 0, 9, 0, 7, 0, 4, 0, 0, 2, 0, chunk[0], chunk[1], 4, 8, 0xff, 0xfc, 0, 0,
        ];
        let at = |quarters: u32| Some(Arrival(512 + quarters));
        let expected = vec![(7, at(4)), (8, None), (9, at(12)), (10, at(8))];
        assert_eq!(heard(&transport), [Said::Transport(expected)]);
    }

    #[test]
    fn reports_of_many_lines_are_several() {
        let line = |ssrc| Told { ssrc, timestamp: 1, packets: 2, bytes: 3, name: "a-name-of-some-length" };
        let lines: Vec<_> = (1..=40).map(line).collect();
        let reports = write(&lines, Duration::from_secs(3));
        assert!(reports.len() > 1 && reports.iter().all(|report| report.len() <= MAX));
        let of = |report: &Vec<u8>| heard(report).len();
        assert_eq!(reports.iter().map(of).sum::<usize>(), 40);
        assert!(reports.iter().all(|report| without_streams(report).is_empty()));
    }

    #[test]
    fn what_the_stack_says_of_what_it_gets_stays() {
        let picture = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 9];
        let line = Told { ssrc: 1, timestamp: 1, packets: 2, bytes: 3, name: "x" };
        let report = write(&[line], Duration::ZERO).concat();
        assert_eq!(without_streams(&[&report[..], &picture].concat()), picture);
        assert!(without_streams(&report[..9]).is_empty());
    }
}
