use kloud_base::Rng;
use kloud_sfu::{ParticipantSid, Thrift};

use super::*;

struct Fill(u8);

impl Rng for Fill {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

fn track(n: u8) -> TrackSid {
    TrackSid::random(&Fill(n))
}

fn shown(n: u8) -> Shown {
    Shown { owner: ParticipantSid::random(&Fill(200)), track: track(n) }
}

/// An offer in short: `a0r` is an audio line 0 that receives; `s` sends (with track `t<mid>`), `i` is inactive.
fn offer(lines: &str) -> SessionDescription {
    let mut sdp = "v=0\r\n".to_owned();
    for line in lines.split(' ') {
        let kind = if line.starts_with('a') { "audio" } else { "video" };
        let mid = &line[1..line.len() - 1];
        let (numbers, maps) = match kind {
            "audio" => ("111", "a=rtpmap:111 opus/48000/2\r\n"),
            _ => ("96 98", "a=rtpmap:96 VP8/90000\r\na=rtpmap:98 VP9/90000\r\n"),
        };
        sdp += &format!("m={kind} 9 UDP/TLS/RTP/SAVPF {numbers}\r\n{maps}a=mid:{mid}\r\n");
        sdp += match &line[line.len() - 1..] {
            "r" => "a=recvonly\r\n",
            "s" => "a=sendonly\r\n",
            _ => "a=inactive\r\n",
        };
        if line.ends_with('s') {
            sdp += &format!("a=msid:- t{mid}\r\n");
        }
    }
    SessionDescription { r#type: "offer".into(), sdp, id: 4, ..Default::default() }
}

/// Answers as an obedient server would: what the client receives, it sends.
fn answer(edited: &str) -> String {
    edited.replace("a=recvonly", "a=x").replace("a=sendonly", "a=recvonly").replace("a=x", "a=sendonly")
}

fn round(lines: &mut Lines, text: &str) -> (OfferPlan, Agreed) {
    let plan = lines.offer(&offer(text)).expect("an offer");
    let agreed = lines.agree(plan.id, &answer(&plan.sdp));
    (plan, agreed)
}

fn announce(lines: &mut Lines, n: u8, kind: Kind, cid: &str) {
    assert!(lines.announce(named(rendition(n, kind), cid)));
}

fn named(Rendition { track, codec }: Rendition, cid: &str) -> Announcement {
    let (codec, cids) = (Some(codec), vec![cid.to_owned()]);
    Announcement { track, kind: codec.map_or(Kind::Video, Codec::kind), codec, cids, opus: OpusFlags::default() }
}

fn rendition(n: u8, kind: Kind) -> Rendition {
    let codec = if kind == Kind::Audio { Codec::Opus } else { Codec::Vp8 };
    Rendition { track: track(n), codec }
}

#[test]
fn a_track_is_shown_on_a_free_line_after_one_more_offer() {
    let mut lines = Lines::default();
    let (plan, _) = round(&mut lines, "a0r v1r");
    assert_eq!(plan.sdp.matches("a=inactive").count(), 2);
    lines.show(shown(1), Kind::Video);
    let ask = lines.requirement().expect("a request");
    assert_eq!((ask.num_audios, ask.num_videos), (0, 0));
    assert_eq!(lines.requirement(), None, "one at a time");
    let (_, agreed) = round(&mut lines, "a0r v1r");
    assert_eq!(agreed.live, [("1".to_owned(), track(1))]);
    assert_eq!(agreed.answer.id, 4);
    assert_eq!(agreed.answer.mid_to_track_id.get("1"), Some(&track(1).to_string()));
    assert_eq!(lines.requirement(), None);
}

#[test]
fn missing_lines_are_asked_for_by_number() {
    let mut lines = Lines::default();
    round(&mut lines, "a0r v1r");
    (1..=3).for_each(|n| lines.show(shown(n), Kind::Audio));
    let ask = lines.requirement().expect("a request");
    assert_eq!((ask.num_audios, ask.num_videos), (2, 0));
    let (_, agreed) = round(&mut lines, "a0r v1r a2r a3r");
    assert_eq!(agreed.live.len(), 3);
}

#[test]
fn tracks_that_wait_for_the_first_offer_are_live_with_its_answer() {
    let mut lines = Lines::default();
    lines.show(shown(1), Kind::Audio);
    assert_eq!(lines.requirement(), None, "the first offer comes by itself");
    assert_eq!(round(&mut lines, "a0r v1r").1.live.len(), 1);
}

#[test]
fn a_hundred_changes_need_no_new_lines() {
    let mut lines = Lines::default();
    round(&mut lines, "v0r");
    for n in 0..100 {
        lines.show(shown(n), Kind::Video);
        let mut rounds = 0;
        while let Some(ask) = lines.requirement() {
            assert_eq!(ask.num_videos, 0, "the one line is used again");
            round(&mut lines, "v0r");
            rounds += 1;
        }
        assert!(rounds <= 2);
        assert_eq!(lines.line_of(track(n)), Some("0"));
        assert_eq!(lines.hide(track(n)).as_deref(), Some("0"));
    }
}

#[test]
fn a_line_is_answered_inactive_before_it_shows_another_track() {
    let mut lines = Lines::default();
    lines.show(shown(1), Kind::Video);
    round(&mut lines, "v0r");
    lines.hide(track(1));
    lines.show(shown(2), Kind::Video);
    assert!(lines.requirement().is_some());
    let (plan, agreed) = round(&mut lines, "v0r");
    assert!(plan.sdp.contains("a=inactive") && agreed.live.is_empty());
    assert!(lines.requirement().is_some());
    assert_eq!(round(&mut lines, "v0r").1.live, [("0".to_owned(), track(2))]);
}

#[test]
fn a_track_and_its_line_find_each_other_in_either_order() {
    let mut lines = Lines::default();
    announce(&mut lines, 1, Kind::Audio, "t0");
    assert_eq!(round(&mut lines, "a0s").0.published, [("0".to_owned(), rendition(1, Kind::Audio))]);

    let mut lines = Lines::default();
    let (plan, _) = round(&mut lines, "a0s");
    assert!(plan.sdp.contains("a=inactive"), "nothing unannounced is accepted");
    assert_eq!(plan.parked, ["0"]);
    assert_eq!(lines.requirement(), None);
    announce(&mut lines, 1, Kind::Audio, "t0");
    assert!(lines.requirement().is_some());
    assert_eq!(round(&mut lines, "a0s").0.published, [("0".to_owned(), rendition(1, Kind::Audio))]);
}

#[test]
fn an_unnamed_line_is_taken_if_it_can_only_be_one() {
    let mut lines = Lines::default();
    announce(&mut lines, 1, Kind::Video, "other-name");
    assert_eq!(round(&mut lines, "v0s").0.published, [("0".to_owned(), rendition(1, Kind::Video))]);

    let mut lines = Lines::default();
    announce(&mut lines, 1, Kind::Video, "t1");
    let (plan, _) = round(&mut lines, "v0s v1s");
    assert_eq!(
        plan.published,
        [("1".to_owned(), rendition(1, Kind::Video))],
        "a track that is named elsewhere is not guessed"
    );
}

#[test]
fn the_line_of_a_refused_track_is_not_taken_for_the_next_one() {
    let mut lines = Lines::default();
    lines.refuse(["t1".to_owned()]);
    announce(&mut lines, 1, Kind::Audio, "t2");
    let (plan, _) = round(&mut lines, "a1s");
    assert_eq!((plan.published, plan.parked), (vec![], vec!["1".to_owned()]));
    let (plan, _) = round(&mut lines, "a1s a2s");
    assert_eq!(plan.published, [("2".to_owned(), rendition(1, Kind::Audio))]);
    announce(&mut lines, 2, Kind::Audio, "t1");
    let (plan, _) = round(&mut lines, "a1s a2s");
    assert!(
        plan.published.contains(&("1".to_owned(), rendition(2, Kind::Audio))),
        "it was announced anew and may be sent now"
    );
}

#[test]
fn who_sends_sound_is_asked_to_spare_and_told_when_it_is_over() {
    let mut lines = Lines::default();
    let least = Sparing { own: Thrift::Least, heard: Thrift::Full };
    assert!(!lines.spare(least), "nothing is sent yet");
    assert_eq!(lines.requirement(), None);
    announce(&mut lines, 1, Kind::Audio, "t0");
    let (_, agreed) = round(&mut lines, "a0s");
    assert!(agreed.answer.sdp.contains("a=ptime:60"), "what is known counts from the beginning");
    assert!(lines.spare(Sparing::default()) && !lines.spare(Sparing::default()));
    let ask = lines.requirement().expect("a request");
    assert_eq!((ask.num_audios, ask.num_videos), (0, 0));
    let (_, agreed) = round(&mut lines, "a0s");
    assert!(!agreed.answer.sdp.contains("a=ptime:60"));
}

#[test]
fn an_inactive_line_ends_its_track() {
    let mut lines = Lines::default();
    announce(&mut lines, 1, Kind::Audio, "t0");
    round(&mut lines, "a0s");
    assert_eq!(round(&mut lines, "a0i").0.unpublished, [rendition(1, Kind::Audio)]);
}

#[test]
fn a_revoked_line_stays_shut_and_is_never_taken_for_another_track() {
    let mut lines = Lines::default();
    announce(&mut lines, 1, Kind::Video, "t0");
    round(&mut lines, "v0s");
    lines.withdraw(track(1));
    assert!(lines.requirement().is_some());
    announce(&mut lines, 2, Kind::Video, "another");
    let (plan, _) = round(&mut lines, "v0s");
    assert!(plan.sdp.contains("a=inactive") && plan.published.is_empty());
    let (plan, _) = round(&mut lines, "v0s v1s");
    assert_eq!(plan.published, [("1".to_owned(), rendition(2, Kind::Video))]);
}

#[test]
fn a_track_in_two_codecs_has_two_lines_and_each_answer_leaves_one_codec() {
    let mut lines = Lines::default();
    let [vp9, vp8] = [Codec::Vp9, Codec::Vp8].map(|codec| Rendition { track: track(1), codec });
    assert!(lines.announce(named(vp9, "t0")));
    round(&mut lines, "v0s");
    assert!(lines.announce(named(vp8, "t1")));
    let (plan, agreed) = round(&mut lines, "v0s v1s");
    assert_eq!(plan.published, [("0".to_owned(), vp9), ("1".to_owned(), vp8)]);
    let left: Vec<_> = agreed.answer.sdp.lines().filter(|l| l.starts_with("m=")).collect();
    assert_eq!(left, ["m=video 9 UDP/TLS/RTP/SAVPF 98", "m=video 9 UDP/TLS/RTP/SAVPF 96"]);
    let track_id = track(1).to_string();
    assert!(["0", "1"].iter().all(|mid| agreed.answer.mid_to_track_id.get(*mid) == Some(&track_id)));
    assert_eq!(round(&mut lines, "v0s v1i").0.unpublished, [vp8]);
}

#[test]
fn a_line_that_cannot_carry_the_codec_carries_nothing() {
    let mut lines = Lines::default();
    let av1 = Rendition { track: track(1), codec: Codec::Av1 };
    assert!(lines.announce(named(av1, "t0")));
    let (plan, _) = round(&mut lines, "v0s");
    assert!(plan.published.is_empty() && plan.sdp.contains("a=inactive"));
}

#[test]
fn a_track_that_names_no_codec_comes_in_what_its_line_offers_first() {
    let mut lines = Lines::default();
    let silent = Announcement { codec: None, ..named(rendition(1, Kind::Video), "t0") };
    assert!(lines.announce(silent));
    let vp9_first = offer("v0s").sdp.replace("SAVPF 96 98", "SAVPF 98 96");
    let plan = lines.offer(&SessionDescription { sdp: vp9_first, ..offer("v0s") }).expect("an offer");
    assert_eq!(plan.published, [("0".to_owned(), Rendition { track: track(1), codec: Codec::Vp9 })]);
}
