//! The media lines of one client: which of them is free, which shows a track, which publishes one.
//!
//! Only the client can offer, so the server asks it to: with a number of lines that are missing, or with zero, which
//! means "offer again". One request is out at a time; after each answer it is worked out anew what is missing.
//!
//! A client with two connections only sends on the one where it offers; what it gets comes on [`ServedLines`]. Whoever
//! uses these lines need not know.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use kloud_sfu::{Codec, Codecs, Kind, Rendition, TrackSid};
use livekit_protocol::{MediaSectionsRequirement, SessionDescription};

use crate::sdp::{Direction, MediaLine, Offer, OpusFlags, SdpError, Sent, Shown, Sparing, edit_answer, taken_codecs};
use crate::served::{ServedLines, Step};

/// What a line is used for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Use {
    /// The client receives on it and nothing is shown.
    Free,
    /// It showed something; it must be answered inactive once before it can show something else, because a client
    /// only looks for a new track when a line becomes active.
    Draining,
    Showing {
        shown: Shown,
        live: bool,
    },
    /// The client sends this published track on it, in this codec.
    Publishing(Rendition),
    /// The client wants to send, and has not said what; the line is held inactive.
    Parked,
    /// What was sent here is no longer permitted; the line is held inactive and never guessed to carry something else.
    Revoked,
    /// Neither direction.
    Idle,
}

#[derive(Clone, Debug)]
struct Line {
    kind: Kind,
    used: Use,
}

/// A track that a client will send, or one of the codecs of a track.
#[derive(Clone, Debug)]
pub struct Announcement {
    pub track: TrackSid,
    pub kind: Kind,
    /// Where it does not say, the track comes in what its line offers first.
    pub codec: Option<Codec>,
    /// The names it may have in the offer.
    pub cids: Vec<String>,
    pub opus: OpusFlags,
}

impl Announcement {
    /// What the track comes as on this line; `None` if the line cannot carry it.
    fn on(&self, media: &MediaLine) -> Option<Rendition> {
        let codec = self.codec.or(media.first_codec)?;
        let fits = media.kind == Some(self.kind) && codec.kind() == self.kind && media.codecs.contains(codec);
        fits.then_some(Rendition { track: self.track, codec })
    }
}

/// An edited offer and what follows from it once it is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferPlan {
    /// The number that the answer must carry.
    pub id: u32,
    pub sdp: String,
    /// Tracks that are now sent, with their lines.
    pub published: Vec<(String, Rendition)>,
    /// Tracks whose line the client gave up.
    pub unpublished: Vec<Rendition>,
    /// Lines that are now held inactive because nothing permitted is sent on them.
    pub parked: Vec<String>,
}

/// What follows from an answer.
#[derive(Clone, Debug)]
pub struct Agreed {
    pub answer: SessionDescription,
    /// Tracks that can now be sent to the client, with their lines.
    pub live: Vec<(String, TrackSid)>,
}

/// The media lines of one client.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    lines: BTreeMap<String, Line>,
    order: Vec<String>,
    /// What was announced and has no line yet.
    pending: Vec<Announcement>,
    refused: VecDeque<String>,
    waiting: VecDeque<(Shown, Kind)>,
    opus: BTreeMap<TrackSid, OpusFlags>,
    sparing: Sparing,
    requested: bool,
    negotiating: bool,
    reoffer: bool,
    served: Option<ServedLines>,
}

impl Lines {
    /// Most tracks that wait for their line.
    const MAX_PENDING: usize = 32;
    /// Most names of refused tracks that are remembered.
    const MAX_REFUSED: usize = 32;

    /// The lines of a client with two connections. It gets data channels on the second one if `channels`.
    pub fn of_two(channels: bool) -> Self {
        Self { served: Some(ServedLines::new(channels)), ..Self::default() }
    }

    /// Announces what the client will send. Returns false if too much waits already.
    pub fn announce(&mut self, announced: Announcement) -> bool {
        if self.pending.len() >= Self::MAX_PENDING {
            return false;
        }
        self.reoffer |= self.lines.values().any(|l| l.kind == announced.kind && l.used == Use::Parked);
        self.pending.push(announced);
        true
    }

    /// Remembers the names of a track that may not be sent, so that its line, offered all the same, is not taken for
    /// another track.
    pub fn refuse(&mut self, cids: impl IntoIterator<Item = String>) {
        self.refused.extend(cids);
        let too_many = self.refused.len().saturating_sub(Self::MAX_REFUSED);
        self.refused.drain(..too_many);
    }

    /// Takes an announcement or a published track back. Its line, if it has one, is held inactive from the next
    /// offer on.
    pub fn withdraw(&mut self, track: TrackSid) {
        self.pending.retain(|p| p.track != track);
        self.opus.remove(&track);
        let of = |used: &Use| matches!(used, Use::Publishing(rendition) if rendition.track == track);
        for line in self.lines.values_mut().filter(|l| of(&l.used)) {
            line.used = Use::Revoked;
            self.reoffer = true;
        }
    }

    /// The client shall send its sound so sparingly from now on. Returns whether it has to be told.
    pub fn spare(&mut self, sparing: Sparing) -> bool {
        if self.sparing == sparing {
            return false;
        }
        self.sparing = sparing;
        let sends = |line: &Line| line.kind == Kind::Audio && matches!(line.used, Use::Publishing(_));
        let sends = self.lines.values().any(sends);
        self.reoffer |= sends;
        sends
    }

    /// The client shall get a track.
    pub fn show(&mut self, shown: Shown, kind: Kind) {
        if let Some(served) = &mut self.served {
            return served.show(shown, kind);
        }
        self.waiting.push_back((shown, kind));
        self.assign();
    }

    /// The client shall not get the track any more. Returns the line it was live on.
    pub fn hide(&mut self, track: TrackSid) -> Option<String> {
        if let Some(served) = &mut self.served {
            return served.hide(track);
        }
        self.waiting.retain(|(shown, _)| shown.track != track);
        for (mid, line) in &mut self.lines {
            if let Use::Showing { shown, live } = line.used
                && shown.track == track
            {
                // An answer that is under way may still name the track.
                line.used = if live || self.negotiating { Use::Draining } else { Use::Free };
                return live.then(|| mid.clone());
            }
        }
        None
    }

    /// What the client gets now, by kind.
    pub fn shown(&self) -> impl Iterator<Item = Kind> {
        let live = self.lines.values().filter(|line| matches!(line.used, Use::Showing { live: true, .. }));
        live.map(|line| line.kind)
    }

    /// The line on which the client gets the track now.
    pub fn line_of(&self, track: TrackSid) -> Option<&str> {
        if let Some(served) = &self.served {
            return served.line_of(track);
        }
        let shows = |l: &Line| matches!(l.used, Use::Showing { shown, live: true } if shown.track == track);
        self.lines.iter().find(|(_, l)| shows(l)).map(|(mid, _)| mid.as_str())
    }

    /// Takes a client's offer. Nothing else may be offered until [`Lines::agree`].
    pub fn offer(&mut self, description: &SessionDescription) -> Result<OfferPlan, SdpError> {
        let offer = Offer::parse(&description.sdp)?;
        (self.requested, self.reoffer, self.negotiating) = (false, false, true);
        let mut plan = OfferPlan {
            id: description.id,
            sdp: String::new(),
            published: Vec::new(),
            unpublished: Vec::new(),
            parked: Vec::new(),
        };
        let sent: BTreeSet<_> = offer.lines().filter(|l| l.direction.sends()).filter_map(|l| l.track.clone()).collect();
        let mut seen = BTreeSet::new();
        for media in offer.lines() {
            let Some(kind) = media.kind else { continue };
            seen.insert(media.mid.clone());
            if !self.lines.contains_key(&media.mid) {
                self.order.push(media.mid.clone());
            }
            let before = self.lines.remove(&media.mid).map_or(Use::Idle, |l| l.used);
            let used = self.reconsider(media, kind, before, &sent, &mut plan);
            self.lines.insert(media.mid.clone(), Line { kind, used });
        }
        self.forget_missing(&seen, &mut plan);
        self.assign();
        let keep = |media: &MediaLine| {
            let used = self.lines.get(&media.mid).map(|l| &l.used);
            matches!(used, Some(Use::Showing { .. } | Use::Publishing(_)))
        };
        plan.sdp = offer.edit(keep);
        // A line that was just answered inactive is free again.
        self.lines.values_mut().filter(|l| l.used == Use::Draining).for_each(|l| l.used = Use::Free);
        Ok(plan)
    }

    /// Takes the raw answer to the offer that is under way.
    pub fn agree(&mut self, id: u32, answer: &str) -> Agreed {
        self.negotiating = false;
        let mut live = Vec::new();
        let active = active_lines(answer);
        let (mut shown_at, mut sent, mut tracks) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for (mid, line) in &mut self.lines {
            match &mut line.used {
                Use::Showing { shown, live: is_live } => {
                    if !*is_live && active.contains(mid) {
                        *is_live = true;
                        live.push((mid.clone(), shown.track));
                    }
                    shown_at.insert(mid.clone(), *shown);
                    tracks.insert(mid.clone(), shown.track.to_string());
                }
                Use::Publishing(Rendition { track, codec }) => {
                    let opus = self.opus.get(track).copied().unwrap_or_default();
                    sent.insert(mid.clone(), Sent { codec: *codec, opus, sparing: self.sparing });
                    tracks.insert(mid.clone(), track.to_string());
                }
                Use::Free | Use::Draining | Use::Parked | Use::Revoked | Use::Idle => {}
            }
        }
        self.assign();
        let answer = SessionDescription {
            r#type: "answer".into(),
            sdp: edit_answer(answer, &shown_at, &sent),
            id,
            mid_to_track_id: tracks.into_iter().collect(),
        };
        Agreed { answer, live }
    }

    /// What the client must be asked for now, if anything. Call it after every change.
    pub fn requirement(&mut self) -> Option<MediaSectionsRequirement> {
        if self.requested || self.negotiating || self.order.is_empty() {
            return None;
        }
        let missing = |kind: Kind| {
            let wanted = self.waiting.iter().filter(|(_, k)| *k == kind).count();
            let soon = self.lines.values().filter(|l| l.kind == kind && l.used == Use::Draining).count();
            u32::try_from(wanted.saturating_sub(soon)).unwrap_or(u32::MAX)
        };
        let assigned = self.lines.values().any(|l| matches!(l.used, Use::Showing { live: false, .. }));
        if !assigned && !self.reoffer && self.waiting.is_empty() {
            return None;
        }
        self.requested = true;
        Some(MediaSectionsRequirement { num_audios: missing(Kind::Audio), num_videos: missing(Kind::Video) })
    }

    /// The client came back on a new socket: what was asked on the old one is asked again.
    pub fn resumed(&mut self) {
        self.requested = false;
        if let Some(served) = &mut self.served {
            served.resumed();
        }
    }

    /// What an offer of the client says of what it can decode; nothing if it does not receive where it offers.
    pub fn taken(&self, offer: &str) -> Option<Codecs> {
        if self.served.is_some() { None } else { taken_codecs(offer) }
    }

    /// What this server has to offer now, if it offers. Call it after every change.
    pub fn step(&mut self) -> Option<Step> {
        self.served.as_mut()?.step()
    }

    /// As [`ServedLines::offer`].
    pub fn made(&mut self, sdp: &str, added: Vec<String>) -> Option<SessionDescription> {
        Some(self.served.as_mut()?.offer(sdp, added))
    }

    /// As [`ServedLines::agree`].
    pub fn answered(&mut self, answer: &SessionDescription) -> Result<Option<Vec<(String, TrackSid)>>, SdpError> {
        self.served.as_mut().map_or(Ok(None), |served| served.agree(answer))
    }

    /// Decides on the new use of one line, with `plan` told what changed.
    fn reconsider(
        &mut self,
        media: &MediaLine,
        kind: Kind,
        before: Use,
        sent: &BTreeSet<String>,
        plan: &mut OfferPlan,
    ) -> Use {
        match (media.direction, before) {
            (d, Use::Publishing(rendition)) if d.sends() => {
                plan.published.push((media.mid.clone(), rendition));
                Use::Publishing(rendition)
            }
            (d, before) if d.sends() => {
                let parked = if before == Use::Revoked { Use::Revoked } else { Use::Parked };
                let refused = media.track.as_ref().is_some_and(|name| self.refused.contains(name));
                let guess = parked != Use::Revoked && !refused;
                self.give_up(before, kind, plan);
                match self.take_pending(media, sent, guess) {
                    Some(rendition) => {
                        plan.published.push((media.mid.clone(), rendition));
                        Use::Publishing(rendition)
                    }
                    None => {
                        plan.parked.push(media.mid.clone());
                        parked
                    }
                }
            }
            (Direction::RecvOnly, before @ (Use::Showing { .. } | Use::Draining | Use::Free)) => before,
            (Direction::RecvOnly, before) => {
                self.give_up(before, kind, plan);
                Use::Free
            }
            (_, before) => {
                self.give_up(before, kind, plan);
                Use::Idle
            }
        }
    }

    fn give_up(&mut self, before: Use, kind: Kind, plan: &mut OfferPlan) {
        match before {
            Use::Publishing(rendition) => {
                self.opus.remove(&rendition.track);
                plan.unpublished.push(rendition);
            }
            Use::Showing { shown, .. } => self.waiting.push_back((shown, kind)),
            Use::Free | Use::Draining | Use::Parked | Use::Revoked | Use::Idle => {}
        }
    }

    /// The announced track that this line carries: by name, else the only one of its kind that no line of the offer
    /// names, because some clients name a track differently in the offer. A line that cannot carry the codec that was
    /// announced carries nothing.
    fn take_pending(&mut self, media: &MediaLine, sent: &BTreeSet<String>, guess: bool) -> Option<Rendition> {
        let fits = |p: &Announcement| p.on(media).is_some();
        let named = |p: &Announcement| media.track.as_ref().is_some_and(|t| p.cids.contains(t));
        let by_name = self.pending.iter().position(|p| fits(p) && named(p));
        let only = || {
            let unnamed = |p: &Announcement| fits(p) && !p.cids.iter().any(|c| sent.contains(c));
            let mut same = self.pending.iter().enumerate().filter(|(_, p)| unnamed(p)).map(|(n, _)| n);
            same.next().filter(|_| same.next().is_none())
        };
        let found = by_name.or_else(|| if guess { only() } else { None })?;
        let announced = self.pending.remove(found);
        self.opus.insert(announced.track, announced.opus);
        announced.on(media)
    }

    /// Lines that vanished from the offer. Clients never do that; nothing may hang on them if one does.
    fn forget_missing(&mut self, seen: &BTreeSet<String>, plan: &mut OfferPlan) {
        let gone: Vec<_> = self.lines.keys().filter(|mid| !seen.contains(*mid)).cloned().collect();
        for mid in gone {
            if let Some(line) = self.lines.remove(&mid) {
                self.give_up(line.used, line.kind, plan);
            }
            self.order.retain(|m| *m != mid);
        }
    }

    /// Gives free lines to waiting tracks, in the order in which both came.
    fn assign(&mut self) {
        let mut still = VecDeque::new();
        while let Some((shown, kind)) = self.waiting.pop_front() {
            let free = |mid: &&String| self.lines.get(*mid).is_some_and(|l| l.kind == kind && l.used == Use::Free);
            let mid = self.order.iter().find(free).cloned();
            match mid.and_then(|mid| self.lines.get_mut(&mid)) {
                Some(line) => line.used = Use::Showing { shown, live: false },
                None => still.push_back((shown, kind)),
            }
        }
        self.waiting = still;
    }
}

/// The answer's lines that send to the client.
fn active_lines(answer: &str) -> BTreeSet<String> {
    let Ok(parsed) = Offer::parse(answer) else { return BTreeSet::new() };
    parsed.lines().filter(|l| l.direction.sends()).map(|l| l.mid.clone()).collect()
}

#[cfg(test)]
#[path = "lines_tests.rs"]
mod tests;
