//! The media lines of a connection on which this server offers and only sends: the second one of clients that use two.
//!
//! One offer is out at a time. What changes meanwhile waits for its answer, and then goes into the next offer together.
//! A line that showed something is offered empty once before it shows something else, because a client only looks for a
//! new track when a line becomes active; empty lines are used again, so that a long meeting does not grow them.
//!
//! A track that comes again gets a line that has not shown it lately: LiveKit's Rust core (seen with PyPI `livekit` 1.2.1
//! on two connections) hears nothing of a line that becomes active again under a name that it had before.

use std::collections::{BTreeMap, VecDeque};

use kloud_sfu::{Kind, TrackSid};
use livekit_protocol::SessionDescription;

use crate::sdp::{Direction, MAX_LINES, Offer, SdpError, Shown, edit_offer};

/// What the next offer changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// The data channels are opened.
    pub channels: bool,
    /// The client may have changed networks (RFC 8445 section 2.4).
    pub restart: bool,
    /// Lines that send no more.
    pub emptied: Vec<String>,
    /// Empty lines that send again.
    pub filled: Vec<String>,
    /// New lines, in their order.
    pub added: Vec<Kind>,
}

/// What has to be done so that the client gets what it shall get.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// To be made into an offer by the WebRTC stack.
    Propose(Proposal),
    /// To be said again to a client that may have missed it.
    Offer(SessionDescription),
}

/// What a line is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Free,
    /// It shall send no more, and the client does not know yet.
    Leaving,
    Showing {
        shown: Shown,
        live: bool,
    },
}

#[derive(Clone, Debug)]
struct Line {
    /// Empty until the stack has given it one.
    mid: String,
    kind: Kind,
    used: Use,
    /// What it showed lately, the last one at the end.
    before: VecDeque<TrackSid>,
}

impl Line {
    /// Tracks that a line remembers.
    const REMEMBERED: usize = 16;
    /// Most lines that are made for one track that comes again and again.
    const FOR_ONE: usize = 4;
}

/// Whose turn it is.
#[derive(Clone, Debug, Default)]
enum Turn {
    #[default]
    Nobodys,
    Stacks,
    /// The client's; this is what it was offered.
    Clients(String),
}

/// The lines that a client is offered.
#[derive(Clone, Debug, Default)]
pub struct ServedLines {
    lines: Vec<Line>,
    waiting: VecDeque<(Shown, Kind)>,
    turn: Turn,
    /// Lines that the offer under way empties.
    emptied: Vec<String>,
    /// The data channels are still to be opened.
    channels: bool,
    restart: bool,
    /// The offer that is out may not have arrived.
    again: bool,
    offers: u32,
}

impl ServedLines {
    /// Nothing is offered before there is something to offer: `channels`, or a track.
    pub fn new(channels: bool) -> Self {
        Self { channels, ..Self::default() }
    }

    pub fn show(&mut self, shown: Shown, kind: Kind) {
        self.waiting.push_back((shown, kind));
    }

    /// As [`crate::Lines::hide`].
    pub fn hide(&mut self, track: TrackSid) -> Option<String> {
        self.waiting.retain(|(shown, _)| shown.track != track);
        for line in &mut self.lines {
            if let Use::Showing { shown, live } = line.used
                && shown.track == track
            {
                line.used = Use::Leaving;
                line.before.retain(|one| *one != track);
                line.before.push_back(track);
                if line.before.len() > Line::REMEMBERED {
                    line.before.pop_front();
                }
                return live.then(|| line.mid.clone());
            }
        }
        None
    }

    pub fn line_of(&self, track: TrackSid) -> Option<&str> {
        let shows = |l: &&Line| matches!(l.used, Use::Showing { shown, live: true } if shown.track == track);
        self.lines.iter().find(shows).map(|line| line.mid.as_str())
    }

    /// The client came back on a new socket, from wherever it is now.
    pub fn resumed(&mut self) {
        self.restart = self.offers > 0;
        self.again = matches!(self.turn, Turn::Clients(_));
    }

    /// What is to be done now, if anything. Call it after every change.
    pub fn step(&mut self) -> Option<Step> {
        match &self.turn {
            Turn::Clients(sdp) if self.again => {
                let sdp = sdp.clone();
                self.again = false;
                Some(Step::Offer(self.describe(sdp)))
            }
            Turn::Nobodys => self.propose().map(Step::Propose),
            Turn::Clients(_) | Turn::Stacks => None,
        }
    }

    fn propose(&mut self) -> Option<Proposal> {
        let mut proposal = Proposal {
            channels: std::mem::take(&mut self.channels),
            restart: std::mem::take(&mut self.restart),
            ..Proposal::default()
        };
        let leaving = self.lines.iter().filter(|line| line.used == Use::Leaving);
        proposal.emptied = leaving.map(|line| line.mid.clone()).collect();
        let mut still = VecDeque::new();
        for (shown, kind) in std::mem::take(&mut self.waiting) {
            let used = Use::Showing { shown, live: false };
            let again = self.lines.iter().filter(|line| line.before.contains(&shown.track)).count();
            let free = |line: &&mut Line| {
                let other = again >= Line::FOR_ONE || !line.before.contains(&shown.track);
                line.kind == kind && line.used == Use::Free && other
            };
            if let Some(line) = self.lines.iter_mut().find(free) {
                line.used = used;
                proposal.filled.push(line.mid.clone());
            } else if self.lines.len() + 1 < MAX_LINES {
                self.lines.push(Line { mid: String::new(), kind, used, before: VecDeque::new() });
                proposal.added.push(kind);
            } else {
                still.push_back((shown, kind));
            }
        }
        self.waiting = still;
        if proposal == Proposal::default() {
            return None;
        }
        self.emptied.clone_from(&proposal.emptied);
        self.turn = Turn::Stacks;
        Some(proposal)
    }

    /// The stack has made the offer, and has given these names to the new lines.
    pub fn offer(&mut self, sdp: &str, added: Vec<String>) -> SessionDescription {
        let unnamed = self.lines.iter_mut().filter(|line| line.mid.is_empty());
        unnamed.zip(added).for_each(|(line, mid)| line.mid = mid);
        let sdp = edit_offer(sdp, &self.shown());
        self.turn = Turn::Clients(sdp.clone());
        self.again = false;
        self.describe(sdp)
    }

    /// Takes the client's answer: the tracks that can now be sent, with their lines. `None` if it answers nothing that
    /// is out; some clients do not repeat the number of the offer.
    pub fn agree(&mut self, answer: &SessionDescription) -> Result<Option<Vec<(String, TrackSid)>>, SdpError> {
        let late = answer.id != 0 && answer.id != self.offers;
        if late || !matches!(self.turn, Turn::Clients(_)) {
            return Ok(None);
        }
        let parsed = Offer::parse(&answer.sdp)?;
        let takes = |mid: &str| {
            let takes = |d: Direction| matches!(d, Direction::RecvOnly | Direction::SendRecv);
            parsed.lines().any(|line| line.mid == mid && takes(line.direction))
        };
        let mut now_live = Vec::new();
        for line in &mut self.lines {
            match &mut line.used {
                Use::Showing { shown, live } if !*live && takes(&line.mid) => {
                    *live = true;
                    now_live.push((line.mid.clone(), shown.track));
                }
                Use::Leaving if self.emptied.contains(&line.mid) => line.used = Use::Free,
                Use::Showing { .. } | Use::Leaving | Use::Free => {}
            }
        }
        self.turn = Turn::Nobodys;
        Ok(Some(now_live))
    }

    fn describe(&mut self, sdp: String) -> SessionDescription {
        self.offers += 1;
        let tracks = self.shown().into_iter().map(|(mid, shown)| (mid, shown.track.to_string()));
        SessionDescription { r#type: "offer".into(), sdp, id: self.offers, mid_to_track_id: tracks.collect() }
    }

    fn shown(&self) -> BTreeMap<String, Shown> {
        let shown = |line: &Line| match line.used {
            Use::Showing { shown, .. } => Some((line.mid.clone(), shown)),
            Use::Free | Use::Leaving => None,
        };
        self.lines.iter().filter_map(shown).collect()
    }
}

#[cfg(test)]
#[path = "served_tests.rs"]
mod tests;
