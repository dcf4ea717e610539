//! Session descriptions as text. Offers and answers are edited line by line and never rebuilt, so that everything a
//! client wrote and this server does not know survives.
//!
//! Invariant: media lines are neither added, removed nor reordered (RFC 8829 section 5.3.1 makes a client reject the
//! whole answer otherwise).

use std::collections::BTreeMap;
use std::fmt::Write;

use kloud_sfu::{Codec, Codecs, Kind, ParticipantSid, Thrift, TrackSid};

use crate::formats::{Formats, Meanings};

/// Largest description that is read. A browser writes up to 4 KB for each video line, so an offer of fifty people is
/// about 250 KB.
pub const MAX_SDP_BYTES: usize = 512 * 1024;
/// Most media lines in one description.
pub const MAX_LINES: usize = 200;
/// Longest media identification and track id.
const MAX_ID_BYTES: usize = 64;

/// Why a description cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    #[error("the session description is too large")]
    TooLarge,
    #[error("a media line has no usable a=mid, or two have the same")]
    Mid,
    #[error("the session description has no media lines")]
    Empty,
    #[error("a payload number stands for two formats")]
    Formats,
}

/// The direction of a media line as its author sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}

impl Direction {
    const ALL: [(&'static str, Direction); 4] = [
        ("sendrecv", Direction::SendRecv),
        ("sendonly", Direction::SendOnly),
        ("recvonly", Direction::RecvOnly),
        ("inactive", Direction::Inactive),
    ];

    fn parse(line: &str) -> Option<Self> {
        let attribute = line.strip_prefix("a=")?;
        Self::ALL.iter().find(|(text, _)| *text == attribute).map(|(_, direction)| *direction)
    }

    pub const fn sends(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::SendOnly)
    }
}

/// One media line of an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaLine {
    pub mid: String,
    /// `None` is the line of the data channels.
    pub kind: Option<Kind>,
    pub direction: Direction,
    /// The track part of `a=msid`.
    pub track: Option<String>,
    /// What can be sent on it, and what its client likes best.
    pub codecs: Codecs,
    pub first_codec: Option<Codec>,
}

/// A client's offer, cut into its parts.
#[derive(Clone, Debug)]
pub struct Offer<'a> {
    session: Vec<&'a str>,
    sections: Vec<(MediaLine, Vec<&'a str>)>,
}

impl<'a> Offer<'a> {
    /// Cuts a description. Checks only what the edits rely on.
    pub fn parse(sdp: &'a str) -> Result<Self, SdpError> {
        if sdp.len() > MAX_SDP_BYTES {
            return Err(SdpError::TooLarge);
        }
        let mut parts = sections(sdp);
        let session = parts.remove(0);
        if parts.len() > MAX_LINES {
            return Err(SdpError::TooLarge);
        }
        if parts.is_empty() {
            return Err(SdpError::Empty);
        }
        let sections =
            parts.into_iter().map(|lines| Ok((media_line(&lines)?, lines))).collect::<Result<Vec<_>, SdpError>>()?;
        let mut mids: Vec<_> = sections.iter().map(|(line, _)| line.mid.as_str()).collect();
        mids.sort_unstable();
        if mids.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(SdpError::Mid);
        }
        let mut meanings = Meanings::default();
        if !sections.iter().all(|(_, lines)| meanings.add(lines)) {
            return Err(SdpError::Formats);
        }
        Ok(Self { session, sections })
    }

    pub fn lines(&self) -> impl Iterator<Item = &MediaLine> {
        self.sections.iter().map(|(line, _)| line)
    }

    /// The offer with every line set to inactive that `keep` does not want. The line of the data channels stays.
    ///
    /// Lines on which the client only hears lose their transport feedback: sound is never held back, and reports on
    /// every packet of it would cost more than the sound.
    pub fn edit(&self, keep: impl Fn(&MediaLine) -> bool) -> String {
        let mut out = String::new();
        self.session.iter().for_each(|line| push(&mut out, line));
        for (media, lines) in &self.sections {
            let stays = media.kind.is_none() || keep(media);
            let hears = media.kind == Some(Kind::Audio) && media.direction == Direction::RecvOnly;
            for line in lines.iter().filter(|line| !(hears && is_transport_feedback(line))) {
                let replace = !stays && Direction::parse(line).is_some();
                push(&mut out, if replace { "a=inactive" } else { line });
            }
        }
        out
    }
}

/// What a media line of an answer shows the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    pub owner: ParticipantSid,
    pub track: TrackSid,
}

impl Shown {
    /// A line that names what its section carries, with this in it.
    fn write(&self, line: &str) -> Option<String> {
        let Shown { owner, track } = self;
        let ssrc = line.strip_prefix("a=ssrc:").and_then(|rest| rest.split_once(" msid:")).map(|(ssrc, _)| ssrc);
        match ssrc {
            Some(ssrc) => Some(format!("a=ssrc:{ssrc} msid:{owner}|{track} {track}")),
            None if line.starts_with("a=msid:") => Some(format!("a=msid:{owner}|{track} {track}")),
            None => None,
        }
    }
}

/// What an audio line of an answer asks the client's encoder for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpusFlags {
    pub stereo: bool,
    /// Discontinuous transmission: silence is not sent.
    pub dtx: bool,
    /// Each packet repeats the one before it (RFC 2198).
    pub red: bool,
}

/// How sparingly a client shall send sound: for its own line, and for those who hear it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sparing {
    pub own: Thrift,
    pub heard: Thrift,
}

impl Sparing {
    fn worst(self) -> Thrift {
        self.own.max(self.heard)
    }
}

/// How the client shall send a track on a media line of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    pub codec: Codec,
    pub opus: OpusFlags,
    pub sparing: Sparing,
}

impl Sent {
    /// Browsers divide the bits between what is said and what is repeated, so of few nothing is repeated.
    fn repeats(&self) -> bool {
        self.opus.red && self.sparing.worst() == Thrift::Full
    }
}

/// Writes into an answer whose tracks the lines carry (clients know a track by `PA_…|TR_…` in its stream id) and how
/// the client shall encode what it sends: it takes the only codec that is left. Both maps go by media identification.
pub fn edit_answer(answer: &str, shown: &BTreeMap<String, Shown>, sent: &BTreeMap<String, Sent>) -> String {
    let mut out = String::new();
    let mut parts = sections(answer).into_iter();
    parts.next().into_iter().flatten().for_each(|line| push(&mut out, line));
    for lines in parts {
        let mid = attribute(&lines, "a=mid:").unwrap_or_default();
        let sent = sent.get(mid);
        let narrowed = sent.and_then(|sent| Formats::of(&lines).narrow(&lines, sent.codec, sent.repeats()));
        let opus_pt = lines.iter().find_map(|l| l.strip_prefix("a=rtpmap:").and_then(opus_payload));
        let shown = shown.get(mid);
        let sound = sent.filter(|sent| sent.codec == Codec::Opus);
        let lines = narrowed.unwrap_or_else(|| lines.iter().map(|line| (*line).to_owned()).collect());
        for line in &lines {
            match (shown.and_then(|shown| shown.write(line)), sound) {
                (Some(line), _) => push(&mut out, &line),
                (None, Some(sound)) if is_fmtp(line, opus_pt) => push(&mut out, &opus_fmtp(line, sound)),
                (None, _) => push(&mut out, line),
            }
            if let Some(most) = sound.and_then(most_bits).filter(|_| line.starts_with("c=")) {
                push(&mut out, &most);
            }
        }
        if sound.is_some_and(|sound| sound.sparing.own == Thrift::Least) {
            LONG_PACKETS.iter().for_each(|line| push(&mut out, line));
        }
    }
    out
}

/// Writes into an offer of this server whose tracks the lines carry, by media identification. Sound comes without
/// transport feedback, as in [`Offer::edit`].
pub fn edit_offer(offer: &str, shown: &BTreeMap<String, Shown>) -> String {
    let mut out = String::new();
    for lines in sections(offer) {
        let shown = shown.get(attribute(&lines, "a=mid:").unwrap_or_default());
        let is_audio = lines.first().is_some_and(|line| line.starts_with("m=audio "));
        for line in lines.iter().filter(|line| !(is_audio && is_transport_feedback(line))) {
            match shown.and_then(|shown| shown.write(line)) {
                Some(line) => push(&mut out, &line),
                None => push(&mut out, line),
            }
        }
    }
    out
}

/// What the client can decode: what its receiving lines offer, or take of what was offered. A client that has no line to receive a kind of track yet
/// may take any of that kind. `None` if the description cannot be read.
pub fn taken_codecs(sdp: &str) -> Option<Codecs> {
    let offer = Offer::parse(sdp).ok()?;
    let receives = |kind| offer.lines().filter(move |l| l.direction == Direction::RecvOnly && l.kind == Some(kind));
    let taken = |kind| match receives(kind).map(|l| l.codecs).reduce(Codecs::with) {
        Some(codecs) => codecs,
        None => Codec::ALL.into_iter().filter(|codec| codec.kind() == kind).collect(),
    };
    Some(taken(Kind::Audio).with(taken(Kind::Video)))
}

/// The lines before the first `m=`, then those of each media line.
pub(crate) fn sections(sdp: &str) -> Vec<Vec<&str>> {
    let mut parts = vec![Vec::new()];
    for line in sdp.lines().map(|l| l.trim_end_matches('\r')).filter(|l| !l.is_empty()) {
        if line.starts_with("m=") {
            parts.push(Vec::new());
        }
        parts.last_mut().expect("there is always the first part").push(line);
    }
    parts
}

fn media_line(lines: &[&str]) -> Result<MediaLine, SdpError> {
    let media = lines.first().copied().unwrap_or_default();
    let kind = match media.strip_prefix("m=").and_then(|m| m.split(' ').next()) {
        Some("audio") => Some(Kind::Audio),
        Some("video") => Some(Kind::Video),
        _ => None,
    };
    let mid = attribute(lines, "a=mid:").unwrap_or_default();
    if mid.is_empty() || mid.len() > MAX_ID_BYTES {
        return Err(SdpError::Mid);
    }
    let refused = media.split(' ').nth(1) == Some("0") && !lines.contains(&"a=bundle-only");
    let direction = lines.iter().find_map(|l| Direction::parse(l)).unwrap_or(Direction::SendRecv);
    let track = attribute(lines, "a=msid:").and_then(|msid| msid.split(' ').nth(1));
    let formats = Formats::of(lines);
    Ok(MediaLine {
        mid: mid.to_owned(),
        kind,
        direction: if refused { Direction::Inactive } else { direction },
        track: track.filter(|t| t.len() <= MAX_ID_BYTES).map(str::to_owned),
        codecs: formats.codecs(),
        first_codec: formats.first(),
    })
}

fn attribute<'a>(lines: &[&'a str], prefix: &str) -> Option<&'a str> {
    lines.iter().find_map(|l| l.strip_prefix(prefix))
}

fn opus_payload(rtpmap: &str) -> Option<&str> {
    let (payload, codec) = rtpmap.split_once(' ')?;
    codec.to_ascii_lowercase().starts_with("opus/").then_some(payload)
}

fn is_fmtp(line: &str, payload: Option<&str>) -> bool {
    let of = |payload: &str| line.strip_prefix("a=fmtp:").and_then(|l| l.strip_prefix(payload));
    payload.and_then(of).is_some_and(|rest| rest.starts_with(' '))
}

/// Clients that know neither take no notice (RFC 8866 sections 6.3, 6.4).
const LONG_PACKETS: [&str; 2] = ["a=ptime:60", "a=maxptime:60"];

/// Browsers keep to this limit of a line, whatever is said of the codec (RFC 8866 section 5.8).
fn most_bits(sound: &Sent) -> Option<String> {
    sound.sparing.worst().kilobits().map(|kilobits| format!("b=AS:{kilobits}"))
}

fn opus_fmtp(line: &str, sound: &Sent) -> String {
    let (flags, sparing) = (sound.opus, sound.sparing);
    let mut line = line.to_owned();
    if flags.dtx && !line.contains("usedtx=") {
        line.push_str(";usedtx=1");
    }
    if let Some(kilobits) = sparing.worst().kilobits() {
        // Two channels would share them.
        return format!("{line};maxaveragebitrate={kilobits}000");
    }
    if flags.stereo && !line.contains("stereo=1") {
        line.push_str(";stereo=1;maxaveragebitrate=510000");
    }
    line
}

fn is_transport_feedback(line: &str) -> bool {
    (line.starts_with("a=rtcp-fb:") && line.ends_with(" transport-cc"))
        || (line.starts_with("a=extmap:") && line.contains("transport-wide-cc-extensions"))
}

fn push(out: &mut String, line: &str) {
    write!(out, "{line}\r\n").expect("a string grows");
}

#[cfg(test)]
#[path = "sdp_tests.rs"]
mod tests;
