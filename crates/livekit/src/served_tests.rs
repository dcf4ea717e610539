use kloud_base::Rng;
use kloud_sfu::ParticipantSid;

use super::*;

struct Fill(u8);

impl Rng for Fill {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

fn shown(n: u8) -> Shown {
    Shown { owner: ParticipantSid::random(&Fill(200)), track: TrackSid::random(&Fill(n)) }
}

/// A WebRTC stack in short: it remembers its lines, and writes offers.
#[derive(Default)]
struct Stack {
    lines: Vec<(String, Kind, bool)>,
}

impl Stack {
    fn offer(&mut self, lines: &mut ServedLines) -> (Proposal, SessionDescription) {
        let Some(Step::Propose(proposal)) = lines.step() else { panic!("something to offer") };
        let before = self.lines.len();
        self.lines.extend((before..).zip(&proposal.added).map(|(n, kind)| (n.to_string(), *kind, true)));
        for (mid, _, sends) in &mut self.lines {
            *sends = (*sends && !proposal.emptied.contains(mid)) || proposal.filled.contains(mid);
        }
        let added = self.lines[before..].iter().map(|(mid, _, _)| mid.clone()).collect();
        let sdp = self.write("sendonly");
        (proposal, lines.offer(&sdp, added))
    }

    fn write(&self, active: &str) -> String {
        let mut sdp = "v=0\r\n".to_owned();
        for (mid, kind, sends) in &self.lines {
            let kind = if *kind == Kind::Audio { "audio" } else { "video" };
            let direction = if *sends { active } else { "inactive" };
            sdp += &format!("m={kind} 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:{mid}\r\na={direction}\r\n");
            sdp += "a=rtcp-fb:111 transport-cc\r\na=msid:- x\r\na=ssrc:7 msid:- x\r\n";
        }
        sdp
    }

    fn answer(&self, id: u32) -> SessionDescription {
        SessionDescription { r#type: "answer".into(), sdp: self.write("recvonly"), id, ..Default::default() }
    }

    /// An offer and its answer; the tracks that are sent from then on.
    fn round(&mut self, lines: &mut ServedLines) -> (Proposal, Vec<(String, TrackSid)>) {
        let (proposal, offer) = self.offer(lines);
        let live = lines.agree(&self.answer(offer.id)).expect("readable").expect("to the last offer");
        (proposal, live)
    }
}

fn live(mid: &str, n: u8) -> (String, TrackSid) {
    (mid.to_owned(), shown(n).track)
}

#[test]
fn nothing_is_offered_that_is_not_wanted_and_all_that_is_at_once() {
    let (mut lines, mut stack) = (ServedLines::new(false), Stack::default());
    assert_eq!(lines.step(), None);
    assert!(matches!(ServedLines::new(true).step(), Some(Step::Propose(p)) if p.channels && p.added.is_empty()));
    lines.show(shown(1), Kind::Audio);
    lines.show(shown(2), Kind::Video);
    let (proposal, offer) = stack.offer(&mut lines);
    assert_eq!((proposal.added, proposal.channels), (vec![Kind::Audio, Kind::Video], false));
    let name = format!("{}|{} {}", shown(1).owner, shown(1).track, shown(1).track);
    assert!(
        offer.sdp.contains(&format!("a=msid:{name}\r\n")) && offer.sdp.contains(&format!("a=ssrc:7 msid:{name}\r\n"))
    );
    assert_eq!(offer.sdp.matches("transport-cc").count(), 1, "of the picture alone");
    assert_eq!(offer.mid_to_track_id["1"], shown(2).track.to_string());
    // What comes meanwhile waits for the answer, and goes together.
    lines.show(shown(3), Kind::Audio);
    lines.show(shown(4), Kind::Audio);
    assert_eq!((lines.step(), lines.line_of(shown(1).track)), (None, None));
    let answered = lines.agree(&stack.answer(offer.id)).expect("readable");
    assert_eq!(answered, Some(vec![live("0", 1), live("1", 2)]));
    assert_eq!(lines.line_of(shown(1).track), Some("0"));
    assert_eq!(stack.round(&mut lines).1, [live("2", 3), live("3", 4)]);
    assert_eq!(lines.step(), None);
}

#[test]
fn a_line_is_empty_once_before_it_is_used_again() {
    let (mut lines, mut stack) = (ServedLines::new(false), Stack::default());
    for n in 1..20 {
        lines.show(shown(n), Kind::Video);
        let (proposal, now) = stack.round(&mut lines);
        assert_eq!((now, proposal.added.len()), (vec![live("0", n)], usize::from(n == 1)));
        assert_eq!(lines.hide(shown(n).track), Some("0".into()));
        lines.show(shown(100), Kind::Audio);
        lines.hide(shown(100).track);
        let (proposal, now) = stack.round(&mut lines);
        assert_eq!((proposal.emptied, now), (vec!["0".to_owned()], vec![]));
    }
    // One that takes its place at the same time gets another line.
    lines.show(shown(1), Kind::Video);
    stack.round(&mut lines);
    lines.hide(shown(1).track);
    lines.show(shown(2), Kind::Video);
    let (proposal, now) = stack.round(&mut lines);
    assert_eq!((proposal.emptied, now), (vec!["0".to_owned()], vec![live("1", 2)]));
}

#[test]
fn a_track_that_comes_again_gets_a_line_that_did_not_show_it_as_long_as_these_are_few() {
    let (mut lines, mut stack) = (ServedLines::new(false), Stack::default());
    lines.show(shown(1), Kind::Audio);
    stack.round(&mut lines);
    for turn in 1..20 {
        lines.hide(shown(1).track);
        stack.round(&mut lines);
        lines.show(shown(1), Kind::Audio);
        let (_, shows) = stack.round(&mut lines);
        let fresh = live(&turn.to_string(), 1);
        assert_eq!((shows.len(), shows[0] == fresh), (1, turn < 4), "turn {turn}: {shows:?}");
        assert_eq!(stack.lines.len(), 4.min(turn + 1), "turn {turn}");
    }
    // Another track takes whichever is free.
    lines.show(shown(2), Kind::Audio);
    stack.round(&mut lines);
    assert_eq!(stack.lines.len(), 4);
}

#[test]
fn what_ends_while_it_is_offered_is_never_sent() {
    let (mut lines, mut stack) = (ServedLines::new(false), Stack::default());
    lines.show(shown(1), Kind::Video);
    let Some(Step::Propose(_)) = lines.step() else { panic!("an offer") };
    assert_eq!(lines.hide(shown(1).track), None);
    stack.lines.push(("0".into(), Kind::Video, true));
    let offer = lines.offer(&stack.write("sendonly"), vec!["0".into()]);
    assert!(!offer.sdp.contains("TR_") && offer.mid_to_track_id.is_empty());
    assert_eq!(lines.agree(&stack.answer(1)), Ok(Some(vec![])));
    assert_eq!(stack.round(&mut lines).0.emptied, ["0"]);
    // A line that the client does not take is not sent on either.
    lines.show(shown(2), Kind::Video);
    let (_, offer) = stack.offer(&mut lines);
    let refused = SessionDescription { sdp: stack.write("inactive"), ..stack.answer(offer.id) };
    assert_eq!((lines.agree(&refused), lines.line_of(shown(2).track)), (Ok(Some(vec![])), None));
}

#[test]
fn answers_are_taken_once_and_to_the_last_offer_alone() {
    let (mut lines, mut stack) = (ServedLines::new(true), Stack::default());
    assert_eq!(lines.agree(&stack.answer(0)), Ok(None), "nothing was offered");
    lines.show(shown(1), Kind::Audio);
    let (_, offer) = stack.offer(&mut lines);
    assert_eq!(lines.agree(&stack.answer(offer.id + 1)), Ok(None));
    // The clients in Rust count nothing.
    assert_eq!(lines.agree(&stack.answer(0)), Ok(Some(vec![live("0", 1)])));
    assert_eq!(lines.agree(&stack.answer(offer.id)), Ok(None));
    lines.show(shown(2), Kind::Audio);
    stack.offer(&mut lines);
    let nonsense = SessionDescription { sdp: "nonsense".into(), ..stack.answer(0) };
    assert!(lines.agree(&nonsense).is_err());
}

#[test]
fn one_who_comes_back_is_offered_again_what_is_out_and_then_a_restart() {
    let (mut lines, mut stack) = (ServedLines::new(true), Stack::default());
    lines.show(shown(1), Kind::Audio);
    let (_, lost) = stack.offer(&mut lines);
    lines.resumed();
    let Some(Step::Offer(again)) = lines.step() else { panic!("the same offer") };
    assert_eq!((again.sdp, again.id, again.mid_to_track_id), (lost.sdp, lost.id + 1, lost.mid_to_track_id));
    assert_eq!(lines.step(), None);
    assert_eq!(lines.agree(&stack.answer(again.id)), Ok(Some(vec![live("0", 1)])));
    let (proposal, now) = stack.round(&mut lines);
    assert_eq!((proposal, now), (Proposal { restart: true, ..Proposal::default() }, vec![]));
    assert_eq!(lines.step(), None);
    // What was never begun is not begun anew.
    let mut quiet = ServedLines::new(false);
    quiet.resumed();
    assert_eq!(quiet.step(), None);
}
