use kloud_base::Rng;

use super::*;
use crate::decode_join;

struct Fill(u8);

impl Rng for Fill {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

fn golden() -> Vec<String> {
    [include_str!("../fixtures/join-chromium-156.txt"), include_str!("../fixtures/join-python-1.2.1.txt")]
        .map(|text| decode_join(text.trim()).expect("a join").publisher_offer.expect("an offer").sdp)
        .to_vec()
}

fn mids(sdp: &str) -> Vec<&str> {
    sdp.lines().filter_map(|l| l.strip_prefix("a=mid:")).collect()
}

#[test]
fn golden_offers_have_six_placeholders_and_a_data_line() {
    for sdp in golden() {
        let offer = Offer::parse(&sdp).expect("an offer");
        let kinds: Vec<_> = offer.lines().map(|l| l.kind).collect();
        let (audio, video) = (Some(Kind::Audio), Some(Kind::Video));
        assert_eq!(kinds, [audio, audio, audio, video, video, video, None]);
        assert!(offer.lines().take(6).all(|l| l.direction == Direction::RecvOnly));
    }
}

/// The lines of `sdp` that are not in `edited`.
fn missing<'a>(sdp: &'a str, edited: &str) -> Vec<&'a str> {
    let mut left = edited.lines();
    sdp.lines().filter(|line| !left.clone().next().is_some_and(|l| l == *line && left.next().is_some())).collect()
}

#[test]
fn keeping_everything_takes_only_the_feedback_on_sound_that_is_heard() {
    for sdp in golden() {
        let edited = Offer::parse(&sdp).expect("an offer").edit(|_| true);
        let gone = missing(&sdp, &edited);
        assert_eq!(gone.len(), 6, "two lines of three sections: {gone:?}");
        assert!(gone.iter().all(|l| l.contains("transport")));
        assert!(edited.contains("a=rtcp-fb:96 transport-cc"), "pictures keep it");
    }
}

#[test]
fn lines_that_are_not_kept_become_inactive_and_nothing_else_changes() {
    for sdp in golden() {
        let edited = Offer::parse(&sdp).expect("an offer").edit(|l| l.mid == "0");
        assert_eq!(mids(&edited), mids(&sdp));
        assert_eq!(edited.matches("a=inactive").count(), 5);
        assert_eq!(edited.matches("a=recvonly").count(), 1);
        assert_eq!(edited.lines().count(), sdp.lines().count() - 6, "but for feedback on sound");
        assert!(edited.contains("a=sctp-port:5000"));
    }
}

#[test]
fn the_track_of_a_sending_line_is_read() {
    let sdp = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:7\r\na=sendonly\r\na=msid:- 4d2f-cam\r\n";
    let offer = Offer::parse(sdp).expect("an offer");
    let line = offer.lines().next().expect("a line");
    assert_eq!((line.track.as_deref(), line.direction), (Some("4d2f-cam"), Direction::SendOnly));
}

#[test]
fn a_line_with_port_zero_is_over_unless_it_is_only_bundled() {
    let read = |port: &str, extra: &str| {
        let sdp = format!("v=0\r\nm=audio {port} UDP/TLS/RTP/SAVPF 111\r\na=mid:7\r\na=sendonly\r\n{extra}");
        let offer = Offer::parse(&sdp).expect("an offer");
        offer.lines().next().expect("a line").direction
    };
    assert_eq!(read("9", ""), Direction::SendOnly);
    assert_eq!(read("0", ""), Direction::Inactive);
    assert_eq!(read("0", "a=bundle-only\r\n"), Direction::SendOnly);
}

#[test]
fn what_the_edits_rely_on_is_checked() {
    let parse = |sdp: &str| Offer::parse(sdp).err();
    assert_eq!(parse("v=0\r\n"), Some(SdpError::Empty));
    assert_eq!(parse("v=0\r\nm=audio 9 X 111\r\n"), Some(SdpError::Mid));
    assert_eq!(parse("v=0\r\nm=audio 9 X 111\r\na=mid:0\r\nm=audio 9 X 111\r\na=mid:0\r\n"), Some(SdpError::Mid));
    assert_eq!(parse(&"v".repeat(MAX_SDP_BYTES + 1)), Some(SdpError::TooLarge));
    let many: String = (0..=MAX_LINES).map(|n| format!("m=audio 9 X 111\r\na=mid:{n}\r\n")).collect();
    assert_eq!(parse(&many), Some(SdpError::TooLarge));
}

#[test]
fn an_answer_names_its_tracks() {
    let answer = "v=0\r\nm=video 9 X 96\r\na=mid:3\r\na=sendonly\r\na=msid:abc def\r\na=ssrc:11 cname:x\r\n\
                  a=ssrc:11 msid:abc def\r\nm=audio 9 X 111\r\na=mid:0\r\na=inactive\r\na=msid:abc def\r\n";
    let shown = Shown { owner: ParticipantSid::random(&Fill(1)), track: TrackSid::random(&Fill(2)) };
    let edited = edit_answer(answer, &BTreeMap::from([("3".to_owned(), shown)]), &BTreeMap::new());
    let expected = format!("msid:{}|{} {}\r\n", shown.owner, shown.track, shown.track);
    assert!(edited.contains(&format!("a={expected}")) && edited.contains(&format!("a=ssrc:11 {expected}")));
    assert!(edited.contains("a=ssrc:11 cname:x\r\n"));
    assert!(edited.ends_with("a=msid:abc def\r\n"), "a line that shows nothing stays");
}

#[test]
fn an_answer_asks_for_silence_and_stereo() {
    let answer = "v=0\r\nm=audio 9 X 111\r\na=mid:0\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10\r\n";
    let edit = |stereo, dtx| {
        let opus = OpusFlags { stereo, dtx, red: false };
        let sent = BTreeMap::from([("0".to_owned(), Sent { codec: Codec::Opus, opus, sparing: Sparing::default() })]);
        edit_answer(answer, &BTreeMap::new(), &sent)
    };
    assert!(edit(false, true).ends_with("a=fmtp:111 minptime=10;usedtx=1\r\n"));
    assert!(edit(true, false).ends_with("a=fmtp:111 minptime=10;stereo=1;maxaveragebitrate=510000\r\n"));
}

#[test]
fn an_answer_asks_for_sound_that_fits_through_thin_lines() {
    let answer = "v=0\r\nm=audio 9 X 63 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=rtpmap:111 opus/48000/2\r\n\
                  a=fmtp:111 minptime=10\r\na=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n";
    let edit = |own, heard| {
        let opus = OpusFlags { stereo: true, dtx: false, red: true };
        let sent =
            BTreeMap::from([("0".to_owned(), Sent { codec: Codec::Opus, opus, sparing: Sparing { own, heard } })]);
        edit_answer(answer, &BTreeMap::new(), &sent)
    };
    let full = edit(Thrift::Full, Thrift::Full);
    assert!(
        full.contains(" 63 111\r\n") && full.contains("stereo=1") && !full.contains("b=AS") && !full.contains("ptime:")
    );
    let heard = edit(Thrift::Full, Thrift::Least);
    assert!(heard.contains("X 111\r\nc=IN IP4 0.0.0.0\r\nb=AS:16\r\n") && !heard.contains("ptime:"), "{heard}");
    let lean = edit(Thrift::Lean, Thrift::Full);
    assert!(lean.contains("X 111\r\n") && lean.contains("b=AS:24\r\n") && !lean.contains("ptime:"), "{lean}");
    let least = edit(Thrift::Least, Thrift::Lean);
    assert!(least.contains("b=AS:16\r\n") && least.contains("minptime=10;maxaveragebitrate=16000\r\n"), "{least}");
    assert!(least.ends_with("a=ptime:60\r\na=maxptime:60\r\n") && !least.contains("stereo"), "{least}");
}

#[test]
fn real_clients_say_what_they_can_decode() {
    for sdp in golden() {
        let taken = taken_codecs(&sdp).expect("an offer");
        assert_eq!(taken, Codecs::ALL);
    }
    assert_eq!(taken_codecs("nonsense"), None);
}

#[test]
fn who_has_no_line_to_receive_pictures_yet_may_take_any() {
    let audio = "m=audio 9 X 111\r\na=mid:0\r\na=recvonly\r\na=rtpmap:111 opus/48000/2\r\n";
    let video = "m=video 9 X 96\r\na=mid:1\r\na=recvonly\r\na=rtpmap:96 VP8/90000\r\n";
    let sent = video.replace("mid:1", "mid:2").replace("recvonly", "sendonly");
    let taken = |lines: &[&str]| taken_codecs(&format!("v=0\r\n{}", lines.concat())).expect("an offer");
    assert_eq!(taken(&[audio]), Codecs::ALL);
    assert_eq!(taken(&[audio, &sent]), Codecs::ALL);
    assert_eq!(taken(&[audio, &sent, video]), [Codec::Opus, Codec::Vp8].into_iter().collect());
}

#[test]
fn mutilated_descriptions_never_panic_and_keep_their_lines() {
    for sdp in golden() {
        kloud_testkit::mutations(sdp.as_bytes(), 2_500, |bytes| {
            let text = String::from_utf8_lossy(bytes);
            let opus = OpusFlags { red: true, ..OpusFlags::default() };
            let sent = [("0", Codec::Opus), ("3", Codec::H264), ("8", Codec::Vp9)];
            let sent = sent.map(|(mid, codec)| (mid.to_owned(), Sent { codec, opus, sparing: Sparing::default() }));
            let _ = edit_answer(&text, &BTreeMap::new(), &BTreeMap::from(sent));
            if let Ok(offer) = Offer::parse(&text) {
                let edited = offer.edit(|l| l.mid.len() % 2 == 0);
                let again = Offer::parse(&edited).expect("an edited offer is an offer");
                assert!(again.lines().map(|l| &l.mid).eq(offer.lines().map(|l| &l.mid)));
            }
        });
    }
}

#[test]
fn golden_offers_that_publish_name_their_tracks_and_layers() {
    let publishing =
        [include_str!("../fixtures/publish-chromium-156.sdp"), include_str!("../fixtures/publish-python-1.2.1.sdp")];
    for sdp in publishing {
        let offer = Offer::parse(sdp).expect("an offer");
        let sent: Vec<_> = offer.lines().filter(|l| l.kind.is_some() && l.direction.sends()).collect();
        let kinds: Vec<_> = sent.iter().filter_map(|l| l.kind).collect();
        assert_eq!(kinds, [Kind::Audio, Kind::Video]);
        assert!(sent.iter().all(|l| l.track.as_ref().is_some_and(|t| t.len() > 8)));
        // Nothing announced: both are held back, and the offer is otherwise as it was.
        let held = offer.edit(|l| !l.direction.sends());
        assert_eq!(held.matches("a=sendonly").count(), 0);
        assert_eq!(held.matches("a=inactive").count(), sdp.matches("a=inactive").count() + 2);
        assert!(held.contains("a=simulcast:send"));
        let gone = missing(sdp, &offer.edit(|_| true)).len();
        assert!([0, 2, 4, 6].contains(&gone), "a line that sends sound keeps its feedback");
    }
}
