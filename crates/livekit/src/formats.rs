//! The payload formats of one media line: which codecs they are, and how a line is narrowed to one of them.
//!
//! A codec counts only in the form in which it is passed on: H264 with packets that may hold several units or a part of
//! one (packetization mode 1), VP9 and AV1 in their first profile.

use std::collections::BTreeMap;

use kloud_sfu::{Codec, Codecs, DEPENDENCY_DESCRIPTOR};

/// The names of the codecs, without the kind before them, as descriptions and announcements write them.
const NAMES: [(Codec, &str); 5] =
    [(Codec::Opus, "opus"), (Codec::Vp8, "vp8"), (Codec::H264, "h264"), (Codec::Vp9, "vp9"), (Codec::Av1, "av1")];
/// Most formats of a line; there are 128 numbers.
const MAX_FORMATS: usize = 128;
/// Constrained baseline, the H264 that every client knows, by what its profile begins with.
const H264_COMMON: &str = "42e0";

/// The codec of this name, whatever its case and with or without the kind before it.
pub fn codec_named(name: &str) -> Option<Codec> {
    let name = name.rsplit('/').next().unwrap_or_default();
    NAMES.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(codec, _)| *codec)
}

/// As announcements name a codec, without the kind before it.
pub fn codec_name(codec: Codec) -> &'static str {
    NAMES.iter().find(|(known, _)| *known == codec).map_or("", |(_, name)| name)
}

/// The kind and name of a codec, as tracks say it.
pub fn mime_type(codec: Codec) -> String {
    let kind = if codec == Codec::Opus { "audio" } else { "video" };
    format!("{kind}/{}", codec_name(codec))
}

/// What a line says of its payload numbers.
#[derive(Clone, Debug, Default)]
pub struct Formats<'a> {
    /// In the order of preference.
    numbers: Vec<&'a str>,
    names: BTreeMap<&'a str, &'a str>,
    parameters: BTreeMap<&'a str, &'a str>,
}

impl<'a> Formats<'a> {
    pub fn of(lines: &[&'a str]) -> Self {
        let media = lines.first().copied().unwrap_or_default();
        let mut formats = Self { numbers: media.split(' ').skip(3).take(MAX_FORMATS).collect(), ..Self::default() };
        for line in lines.iter().skip(1) {
            if let Some((number, name)) = line.strip_prefix("a=rtpmap:").and_then(|l| l.split_once(' ')) {
                formats.names.insert(number, name.split('/').next().unwrap_or_default());
            } else if let Some((number, value)) = line.strip_prefix("a=fmtp:").and_then(|l| l.split_once(' ')) {
                formats.parameters.insert(number, value);
            }
        }
        formats
    }

    /// What can be sent by these formats.
    pub fn codecs(&self) -> Codecs {
        self.numbers.iter().filter_map(|number| self.codec(number)).collect()
    }

    /// What the client likes best to send.
    pub fn first(&self) -> Option<Codec> {
        self.numbers.iter().find_map(|number| self.codec(number))
    }

    /// The lines of the section with one codec left, with what repairs it. `None` if the codec is not among them.
    pub fn narrow(&self, lines: &[&str], codec: Codec, red: bool) -> Option<Vec<String>> {
        let of = |number: &&&str| self.codec(number) == Some(codec);
        let is_common = |number: &&&str| {
            codec == Codec::H264
                && self
                    .parameter(number, "profile-level-id")
                    .is_some_and(|p| p.to_ascii_lowercase().starts_with(H264_COMMON))
        };
        let number = self.numbers.iter().filter(of).find(is_common).or_else(|| self.numbers.iter().find(of))?;
        let repairs = |other: &&&str| self.is_named(other, "rtx") && self.parameter(other, "apt") == Some(*number);
        let repeats = |other: &&&str| {
            red && self.is_named(other, "red")
                && self.parameters.get(**other).is_some_and(|p| p.split('/').next() == Some(*number))
        };
        // A client repeats only what stands behind the format that repeats it.
        let mut kept: Vec<&str> = self.numbers.iter().filter(repeats).take(1).copied().collect();
        kept.push(number);
        kept.extend(self.numbers.iter().filter(repairs).take(1));
        let media: Vec<_> = lines.first()?.split(' ').take(3).chain(kept.iter().copied()).collect();
        let mut out = vec![media.join(" ")];
        let stays = |line: &&&str| {
            let about = ["a=rtpmap:", "a=fmtp:", "a=rtcp-fb:"].iter().find_map(|p| line.strip_prefix(p));
            let number = about.and_then(|rest| rest.split(' ').next());
            let layers = line.starts_with("a=extmap:") && line.ends_with(DEPENDENCY_DESCRIPTOR);
            number.is_none_or(|number| kept.contains(&number)) && (codec.is_layered() || !layers)
        };
        out.extend(lines.iter().skip(1).filter(stays).map(|line| (*line).to_owned()));
        Some(out)
    }

    /// The codec of a format in the form in which it is passed on.
    fn codec(&self, number: &str) -> Option<Codec> {
        let codec = codec_named(self.names.get(number)?)?;
        let fits = match codec {
            Codec::Opus | Codec::Vp8 => true,
            Codec::H264 => self.parameter(number, "packetization-mode") == Some("1"),
            Codec::Vp9 => matches!(self.parameter(number, "profile-id"), None | Some("0")),
            Codec::Av1 => matches!(self.parameter(number, "profile"), None | Some("0")),
        };
        fits.then_some(codec)
    }

    fn is_named(&self, number: &str, name: &str) -> bool {
        self.names.get(number).is_some_and(|known| known.eq_ignore_ascii_case(name))
    }

    fn parameter(&self, number: &str, key: &str) -> Option<&'a str> {
        value(self.parameters.get(number)?, key)
    }
}

/// What the payload numbers of a whole description stand for. Its lines share one transport, so each number must stand
/// for the same on all of them (RFC 8843 section 10.1.2); the WebRTC stack relies on that.
#[derive(Clone, Debug, Default)]
pub struct Meanings<'a>(BTreeMap<u8, (String, Form<'a>)>);

/// Values of what tells forms of one codec apart, and which format another one repairs.
type Form<'a> = [Option<&'a str>; FORMS.len()];

const FORMS: [&str; 5] = ["apt", "profile-level-id", "packetization-mode", "profile-id", "profile"];

impl<'a> Meanings<'a> {
    /// Adds the lines of a section; `false` if a number has two meanings.
    pub fn add(&mut self, lines: &[&'a str]) -> bool {
        let mut names = BTreeMap::new();
        let mut forms = BTreeMap::new();
        let numbered = |line: &'a str, prefix| {
            let (number, rest) = line.strip_prefix(prefix)?.split_once(' ')?;
            Some((number.parse::<u8>().ok()?, rest))
        };
        for line in lines {
            let again = if let Some((number, name)) = numbered(line, "a=rtpmap:") {
                names.insert(number, name.to_ascii_lowercase()).is_some()
            } else if let Some((number, parameters)) = numbered(line, "a=fmtp:") {
                forms.insert(number, FORMS.map(|key| value(parameters, key))).is_some()
            } else {
                false
            };
            if again {
                return false;
            }
        }
        names.into_iter().all(|(number, name)| {
            let meaning = (name, forms.remove(&number).unwrap_or_default());
            *self.0.entry(number).or_insert_with(|| meaning.clone()) == meaning
        })
    }
}

/// The value of one of the parameters of a format.
fn value<'a>(parameters: &'a str, key: &str) -> Option<&'a str> {
    parameters
        .split(';')
        .find_map(|pair| pair.trim().split_once('=').filter(|(k, _)| *k == key).map(|(_, value)| value))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLISH: &str = include_str!("../fixtures/publish-chromium-156.sdp");

    fn section(mid: &str) -> Vec<&'static str> {
        let mid = format!("a=mid:{mid}");
        crate::sdp::sections(PUBLISH).into_iter().find(|lines| lines.contains(&&*mid)).expect("a section")
    }

    #[test]
    fn a_browser_takes_all_codecs_and_each_alone_can_be_left() {
        let video = section("3");
        let formats = Formats::of(&video);
        let taken: Vec<_> = Codec::ALL.into_iter().filter(|c| formats.codecs().contains(*c)).collect();
        assert_eq!(taken, [Codec::Vp8, Codec::H264, Codec::Vp9, Codec::Av1]);
        let cases = [(Codec::Vp8, "96 97"), (Codec::H264, "108 109"), (Codec::Vp9, "98 99"), (Codec::Av1, "45 46")];
        for (codec, numbers) in cases {
            let left = formats.narrow(&video, codec, false).expect("narrowed");
            assert!(left[0].ends_with(&format!(" UDP/TLS/RTP/SAVPF {numbers}")), "{}", left[0]);
            let maps = left.iter().filter(|l| l.starts_with("a=rtpmap:")).count();
            assert_eq!(maps, 2);
            assert_eq!(
                Formats::of(&left.iter().map(String::as_str).collect::<Vec<_>>()).codecs(),
                [codec].into_iter().collect()
            );
            assert!(left.iter().any(|l| l == "a=mid:3") && left.iter().any(|l| l == "a=recvonly"));
        }
        assert!(formats.narrow(&video, Codec::Opus, false).is_none());
    }

    #[test]
    fn sound_is_repeated_only_if_that_is_wanted() {
        let audio = section("7");
        let left = |red| Formats::of(&audio).narrow(&audio, Codec::Opus, red).expect("narrowed");
        assert!(left(true)[0].ends_with(" 63 111") && left(true).iter().any(|l| l == "a=fmtp:63 111/111"));
        assert!(left(false)[0].ends_with("SAVPF 111") && !left(false).iter().any(|l| l.contains(":63 ")));
    }

    #[test]
    fn what_tells_of_layers_stays_where_there_are_layers_in_one_stream() {
        let video = section("8");
        let tells = |codec| {
            let left = Formats::of(&video).narrow(&video, codec, false).expect("narrowed");
            left.iter().any(|l| l.ends_with(DEPENDENCY_DESCRIPTOR))
        };
        assert!(!tells(Codec::Vp8) && !tells(Codec::H264));
        assert!(tells(Codec::Vp9));
    }

    #[test]
    fn a_number_stands_for_one_format_on_all_lines() {
        let vp8 = ["m=video 9 X 96 97", "a=rtpmap:96 VP8/90000", "a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96"];
        let vp9 = ["m=video 9 X 98", "a=rtpmap:98 VP9/90000", "a=fmtp:98 profile-id=0;x-google-start-bitrate=900"];
        let fits = |lines: &[&[&'static str]]| {
            let mut meanings = Meanings::default();
            lines.iter().all(|lines| meanings.add(lines))
        };
        assert!(fits(&[&vp8, &vp9, &vp8, &["m=video 9 X 98", "a=rtpmap:98 vp9/90000", "a=fmtp:98 profile-id=0"]]));
        assert!(!fits(&[&vp8, &["m=video 9 X 96", "a=rtpmap:96 VP9/90000"]]));
        assert!(!fits(&[&vp9, &["m=video 9 X 98", "a=rtpmap:98 VP9/90000", "a=fmtp:98 profile-id=2"]]));
        assert!(!fits(&[&[vp8[0], vp8[1], vp8[2], vp8[3], "a=fmtp:97 apt=98"]]));
        assert!(!fits(&[&[vp8[0], vp8[1], "a=rtpmap:96 VP9/90000"]]));
    }

    #[test]
    fn names_go_both_ways() {
        for codec in Codec::ALL {
            assert_eq!(codec_named(codec_name(codec)), Some(codec));
            assert_eq!(codec_named(&mime_type(codec).to_uppercase()), Some(codec));
        }
        assert_eq!(codec_named("video/h265"), None);
    }
}
