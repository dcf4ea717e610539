//! What this server negotiates, and under which number a client knows a codec.

use std::sync::Arc;

use kloud_sfu::{Codec, DEPENDENCY_DESCRIPTOR};
use str0m::format::{Codec as Stacks, CodecConfig, CodecSpec};
use str0m::media::{Mid, Pt};
use str0m::rtp::{Extension, ExtensionSerializer, ExtensionValues};
use str0m::{Rtc, RtcConfig};

/// Of the forms of H264 those that hold several units in a packet, or one in several: constrained baseline first, then
/// baseline, main and high, all of level 3.1 with what the other side says about levels left to it.
const H264: [(u8, u8, u32); 4] =
    [(108, 109, 0x42_e01f), (127, 121, 0x42_001f), (123, 119, 0x4d_001f), (114, 115, 0x64_001f)];
/// Where the dependency descriptor is until a client says otherwise; browsers have it there too.
const DESCRIPTOR_ID: u8 = 12;
/// Longest value of a header extension in its short form (RFC 8285 section 4.2).
const SHORT_FORM: usize = 16;

/// The codecs and header extensions that this server knows.
pub fn configure(config: RtcConfig) -> RtcConfig {
    let mut config = config.clear_codecs().enable_opus(true, true).enable_vp8(true).enable_vp9(true).enable_av1(true);
    for (number, repair, profile) in H264 {
        config.codec_config().add_h264(number.into(), Some(repair.into()), true, profile);
    }
    config.set_extension(DESCRIPTOR_ID, Extension::with_serializer(DEPENDENCY_DESCRIPTOR, Descriptors))
}

/// The dependency descriptor of a packet as it came.
#[derive(Clone, Debug)]
pub struct Descriptor(pub Arc<[u8]>);

/// Passes descriptors on unread; what is read of them is this server's own affair.
#[derive(Debug)]
struct Descriptors;

impl ExtensionSerializer for Descriptors {
    fn write_to(&self, buffer: &mut [u8], values: &ExtensionValues) -> usize {
        let Some(Descriptor(bytes)) = values.user_values.get::<Descriptor>() else { return 0 };
        match buffer.get_mut(..bytes.len()) {
            Some(space) if bytes.len() <= usize::from(u8::MAX) => {
                space.copy_from_slice(bytes);
                bytes.len()
            }
            _ => 0,
        }
    }

    fn parse_value(&self, bytes: &[u8], values: &mut ExtensionValues) -> bool {
        values.user_values.set(Descriptor(bytes.into()));
        true
    }

    fn is_video(&self) -> bool {
        true
    }

    fn is_audio(&self) -> bool {
        false
    }

    fn requires_two_byte_form(&self, values: &ExtensionValues) -> bool {
        values.user_values.get::<Descriptor>().is_some_and(|Descriptor(bytes)| bytes.len() > SHORT_FORM)
    }
}

/// What a packet from a client carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    pub spec: CodecSpec,
    /// The number under which the client knows the codec itself.
    pub number: Pt,
    /// It is wrapped with what packets before it carried.
    pub red: bool,
}

impl Format {
    pub fn of(config: &CodecConfig, number: Pt) -> Option<Self> {
        let known = config.params().iter().find(|p| p.pt() == number || p.red() == Some(number))?;
        Some(Self { spec: known.spec(), number: known.pt(), red: known.red() == Some(number) })
    }

    pub fn codec(&self) -> Option<Codec> {
        codec_of(self.spec.codec)
    }
}

/// The numbers under which a viewer gets a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    pub plain: Pt,
    /// With redundancy, if the client takes it.
    pub red: Option<Pt>,
    /// Of what is sent again, if the client takes that.
    pub repair: Option<Pt>,
}

impl Numbers {
    /// Those of a line for what a publisher sends. Encoders of H264 keep to what all forms of it have in common.
    pub fn of(rtc: &Rtc, mid: Mid, spec: &CodecSpec) -> Option<Self> {
        let agreed = rtc.media(mid)?.remote_pts();
        let config = rtc.codec_config();
        let known = || config.params().iter().filter(|p| p.spec().codec == spec.codec && agreed.contains(&p.pt()));
        let profile = |of: &CodecSpec| (of.format.profile_level_id, of.format.profile_id, of.format.profile);
        let exact = known().find(|p| profile(&p.spec()) == profile(spec));
        let found = exact.or_else(|| known().next().filter(|_| spec.codec == Stacks::H264))?;
        Some(Self { plain: found.pt(), red: found.red(), repair: found.resend() })
    }
}

fn codec_of(codec: Stacks) -> Option<Codec> {
    match codec {
        Stacks::Opus => Some(Codec::Opus),
        Stacks::Vp8 => Some(Codec::Vp8),
        Stacks::H264 => Some(Codec::H264),
        Stacks::Vp9 => Some(Codec::Vp9),
        Stacks::Av1 => Some(Codec::Av1),
        _ => None,
    }
}
