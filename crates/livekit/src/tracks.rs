//! Tracks as they are announced and as others are told of them: their codecs and layers, and which of these somebody
//! needs.

use kloud_sfu::{Codec, Kind, LayerSpec, TrackSid};
use livekit_protocol as proto;

use crate::OpusFlags;
use crate::formats::{codec_name, codec_named, mime_type};

/// Most codecs of one track.
const MAX_CODECS: usize = 4;
/// Most layers of one encoding.
const MAX_LAYERS: usize = 4;

/// The kind of an announced track; data is no track.
pub fn kind_of(request: &proto::AddTrackRequest) -> Option<Kind> {
    match request.r#type() {
        proto::TrackType::Audio => Some(Kind::Audio),
        proto::TrackType::Video => Some(Kind::Video),
        proto::TrackType::Data => None,
    }
}

/// The codecs that an announcement asks for, the best one first. Of a picture that is encrypted from end to end there
/// is one.
pub fn codecs_of(request: &proto::AddTrackRequest) -> Vec<Codec> {
    if request.r#type() != proto::TrackType::Video {
        return vec![Codec::Opus];
    }
    let mut codecs = Vec::new();
    for asked in request.simulcast_codecs.iter().take(MAX_CODECS) {
        let codec = codec_named(&asked.codec).filter(|c| c.kind() == Kind::Video).unwrap_or(Codec::Vp8);
        if !codecs.contains(&codec) {
            codecs.push(codec);
        }
    }
    codecs.truncate(if is_encrypted(request) { 1 } else { MAX_CODECS });
    if codecs.is_empty() { vec![Codec::Vp8] } else { codecs }
}

/// The codec that a track is to come in first, if the announcement says which.
pub fn codec_asked(request: &proto::AddTrackRequest) -> Option<Codec> {
    let says =
        request.r#type() != proto::TrackType::Video || request.simulcast_codecs.iter().any(|c| !c.codec.is_empty());
    codecs_of(request).into_iter().next().filter(|_| says)
}

/// Takes note of the codec in which a track comes whose announcement did not say.
pub fn settle_codec(info: &mut proto::TrackInfo, codec: Codec) {
    if !codecs_in(info).any(|known| known == codec)
        && let Some(first) = info.codecs.first_mut()
    {
        first.mime_type = mime_type(codec);
        info.mime_type.clone_from(&first.mime_type);
    }
}

fn is_encrypted(request: &proto::AddTrackRequest) -> bool {
    request.encryption() != proto::encryption::Type::None
}

/// What an announcement says of one of its codecs.
pub fn codec_info(request: &proto::AddTrackRequest, codec: Codec) -> proto::SimulcastCodecInfo {
    let asked = request.simulcast_codecs.iter().find(|c| codec_named(&c.codec) == Some(codec));
    let first = codecs_of(request).first() == Some(&codec);
    let own = asked.map(|asked| &asked.layers).filter(|layers| !layers.is_empty());
    let layers = own.or(first.then_some(&request.layers)).into_iter().flatten().take(MAX_LAYERS).map(named_layer);
    let cid = asked.map(|asked| asked.cid.clone()).filter(|cid| !cid.is_empty());
    proto::SimulcastCodecInfo {
        mime_type: mime_type(codec),
        cid: cid.or(first.then(|| request.cid.clone())).unwrap_or_default(),
        layers: layers.collect(),
        video_layer_mode: asked.map_or(0, |asked| asked.video_layer_mode),
        ..Default::default()
    }
}

/// The track that an announcement asks for, as it will be shown to all.
#[expect(deprecated, reason = "clients in use read and write the fields")]
pub fn track_info(request: &proto::AddTrackRequest, sid: TrackSid) -> proto::TrackInfo {
    let codecs: Vec<_> = codecs_of(request).into_iter().map(|codec| codec_info(request, codec)).collect();
    let first = codecs.first().cloned().unwrap_or_default();
    proto::TrackInfo {
        sid: sid.to_string(),
        r#type: request.r#type,
        name: request.name.clone(),
        muted: request.muted,
        width: request.width,
        height: request.height,
        simulcast: first.layers.len() > 1,
        disable_dtx: request.disable_dtx,
        source: request.source,
        layers: first.layers,
        mime_type: first.mime_type,
        codecs,
        stereo: request.stereo,
        disable_red: request.disable_red || is_encrypted(request),
        encryption: request.encryption,
        stream: request.stream.clone(),
        audio_features: request.audio_features.clone(),
        backup_codec_policy: request.backup_codec_policy,
        ..Default::default()
    }
}

impl OpusFlags {
    /// How a track's sound shall be encoded.
    #[expect(deprecated, reason = "clients in use write the fields")]
    pub fn of(request: &proto::AddTrackRequest) -> Self {
        let has = |feature: proto::AudioTrackFeature| request.audio_features.contains(&(feature as i32));
        Self {
            stereo: request.stereo || has(proto::AudioTrackFeature::TfStereo),
            dtx: !request.disable_dtx && !has(proto::AudioTrackFeature::TfNoDtx),
            red: !request.disable_red && !is_encrypted(request),
        }
    }
}

/// The codecs of a track, the best one first.
pub fn codecs_in(info: &proto::TrackInfo) -> impl Iterator<Item = Codec> {
    info.codecs.iter().filter_map(|codec| codec_named(&codec.mime_type))
}

/// The layers of one encoding from small to large; empty for a single stream.
pub fn layers_of(info: &proto::TrackInfo, codec: Codec) -> Vec<LayerSpec> {
    let spec =
        |l: &proto::VideoLayer| LayerSpec { rid: l.rid.clone(), width: l.width, height: l.height, bitrate: l.bitrate };
    let layers: Vec<_> = sorted(info, codec).into_iter().map(spec).collect();
    if layers.len() < 2 { Vec::new() } else { layers }
}

/// Whether each layer of an encoding is a stream of its own.
pub fn has_own_streams(info: &proto::TrackInfo, codec: Codec) -> bool {
    let mode = encoding(info, codec).map(proto::SimulcastCodecInfo::video_layer_mode);
    !codec.is_layered() || mode == Some(proto::video_layer::Mode::OneSpatialLayerPerStream)
}

fn encoding(info: &proto::TrackInfo, codec: Codec) -> Option<&proto::SimulcastCodecInfo> {
    info.codecs.iter().find(|c| codec_named(&c.mime_type) == Some(codec))
}

fn sorted(info: &proto::TrackInfo, codec: Codec) -> Vec<&proto::VideoLayer> {
    let mut layers: Vec<_> = encoding(info, codec).into_iter().flat_map(|c| &c.layers).collect();
    layers.sort_by_key(|l| (l.width.max(l.height), l.bitrate));
    layers
}

/// Asks a publisher for the smallest layers of each encoding of a track and no others. An encoding that is not sent yet
/// has no known layers; the client begins to send it when any of the usual ones is asked for.
#[expect(deprecated, reason = "older clients read the first list")]
pub fn wanted_layers(info: &proto::TrackInfo, counts: &[(Codec, usize)]) -> proto::SubscribedQualityUpdate {
    let usual = [proto::VideoQuality::Low, proto::VideoQuality::Medium, proto::VideoQuality::High];
    let qualities = |codec, count| {
        let known: Vec<_> = sorted(info, codec).into_iter().map(|layer| layer.quality).collect();
        let all = if known.is_empty() { usual.map(|quality| quality as i32).to_vec() } else { known };
        let quality = |(n, quality)| proto::SubscribedQuality { quality, enabled: n < count };
        all.into_iter().enumerate().map(quality).collect::<Vec<_>>()
    };
    let subscribed = |(codec, count): &(Codec, usize)| proto::SubscribedCodec {
        codec: codec_name(*codec).to_owned(),
        qualities: qualities(*codec, *count),
    };
    let subscribed_codecs: Vec<_> = counts.iter().map(subscribed).collect();
    proto::SubscribedQualityUpdate {
        track_sid: info.sid.clone(),
        subscribed_qualities: subscribed_codecs.first().map(|c| c.qualities.clone()).unwrap_or_default(),
        subscribed_codecs,
    }
}

/// A viewer cannot have a track because it does not take any of its codecs.
pub fn unsupported_codec(track: TrackSid) -> proto::SubscriptionResponse {
    proto::SubscriptionResponse {
        track_sid: track.to_string(),
        err: proto::SubscriptionError::SeCodecUnsupported as i32,
    }
}

/// A layer under the name that clients give it in their offers.
fn named_layer(layer: &proto::VideoLayer) -> proto::VideoLayer {
    let mut layer = layer.clone();
    if layer.rid.is_empty() {
        layer.rid = match layer.quality() {
            proto::VideoQuality::Low => "q",
            proto::VideoQuality::Medium => "h",
            proto::VideoQuality::High | proto::VideoQuality::Off => "f",
        }
        .to_owned();
    }
    layer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_sorted_by_size_and_named() {
        let layer = |quality, width| proto::VideoLayer { quality, width, height: width / 2, ..Default::default() };
        let request = proto::AddTrackRequest {
            r#type: 1,
            layers: vec![layer(2, 1280), layer(0, 320), layer(1, 640)],
            ..Default::default()
        };
        let sid = TrackSid::from_uuid(Default::default());
        let rids: Vec<_> = layers_of(&track_info(&request, sid), Codec::Vp8).into_iter().map(|l| l.rid).collect();
        assert_eq!(rids, ["q", "h", "f"]);
    }

    fn asks(codecs: &[(&str, &str)]) -> proto::AddTrackRequest {
        let codec = |(codec, cid): &(&str, &str)| proto::SimulcastCodec {
            codec: (*codec).into(),
            cid: (*cid).into(),
            ..Default::default()
        };
        let layers = [(0, 320), (1, 640), (2, 1280)].map(|(quality, width)| proto::VideoLayer {
            quality,
            width,
            height: width / 2,
            ..Default::default()
        });
        proto::AddTrackRequest {
            r#type: 1,
            cid: "camera".into(),
            layers: layers.to_vec(),
            simulcast_codecs: codecs.iter().map(codec).collect(),
            ..Default::default()
        }
    }

    #[test]
    fn a_track_comes_in_the_codec_that_was_asked_for_and_promises_the_second() {
        let sid = TrackSid::from_uuid(Default::default());
        let info = track_info(&asks(&[("vp9", "camera"), ("vp8", "")]), sid);
        assert_eq!((info.mime_type.as_str(), info.disable_red), ("video/vp9", false));
        let codecs: Vec<_> =
            info.codecs.iter().map(|c| (c.mime_type.as_str(), c.cid.as_str(), c.layers.len())).collect();
        assert_eq!(codecs, [("video/vp9", "camera", 3), ("video/vp8", "", 0)]);
        assert!(!has_own_streams(&info, Codec::Vp9) && has_own_streams(&info, Codec::Vp8));
        let wanted = wanted_layers(&info, &[(Codec::Vp9, 1), (Codec::Vp8, 3)]);
        let on: Vec<_> = wanted
            .subscribed_codecs
            .iter()
            .map(|c| (c.codec.as_str(), c.qualities.iter().map(|q| q.enabled).collect::<Vec<_>>()))
            .collect();
        assert_eq!(on, [("vp9", vec![true, false, false]), ("vp8", vec![true; 3])]);
        // What is not known here comes in what everybody takes.
        assert_eq!(codecs_of(&asks(&[("h265", "camera")])), [Codec::Vp8]);
        assert_eq!(codecs_of(&asks(&[])), [Codec::Vp8]);
        assert_eq!(codec_asked(&asks(&[("h265", "camera")])), Some(Codec::Vp8));
        assert_eq!(codec_asked(&proto::AddTrackRequest::default()), Some(Codec::Opus));
    }

    #[test]
    fn a_track_that_names_no_codec_is_told_in_the_one_it_comes_in() {
        assert_eq!((codec_asked(&asks(&[])), codec_asked(&asks(&[("", "camera")]))), (None, None));
        let mut info = track_info(&asks(&[]), TrackSid::from_uuid(Default::default()));
        settle_codec(&mut info, Codec::H264);
        assert_eq!((&*info.mime_type, &*info.codecs[0].mime_type), ("video/h264", "video/h264"));
        assert_eq!(layers_of(&info, Codec::H264).len(), 3);
    }

    #[test]
    fn what_is_encrypted_from_end_to_end_is_told_and_comes_in_one_way() {
        let sid = TrackSid::from_uuid(Default::default());
        let encryption = proto::encryption::Type::Gcm as i32;
        let picture = proto::AddTrackRequest { encryption, ..asks(&[("vp9", "camera"), ("vp8", "")]) };
        let info = track_info(&picture, sid);
        assert_eq!((info.codecs.len(), info.encryption), (1, encryption));
        let sound = proto::AddTrackRequest { encryption, ..Default::default() };
        assert!(track_info(&sound, sid).disable_red && !OpusFlags::of(&sound).red);
        assert!(OpusFlags::of(&proto::AddTrackRequest::default()).red);
    }
}
