//! Where a picture begins that needs no other, as the payload formats of RTP show it without decoding anything:
//! H264 (RFC 6184), VP9 (RFC 9628) and AV1 (the AV1 RTP specification). VP8 is read where it is also rewritten.

use crate::Codec;

/// A sequence parameter set, which encoders for calls put before every picture that needs no other.
const H264_SPS: u8 = 7;
const H264_STAP_A: u8 = 24;

/// Whether this packet begins a picture that needs no other. VP8 and Opus are not for this function.
pub fn starts_keyframe(codec: Codec, payload: &[u8]) -> bool {
    match codec {
        Codec::H264 => h264(payload),
        Codec::Vp9 => vp9(payload).unwrap_or(false),
        // The first unit is no continuation (Z), and a coded video sequence begins (N).
        Codec::Av1 => payload.first().is_some_and(|header| header & 0x88 == 0x08),
        Codec::Opus | Codec::Vp8 => false,
    }
}

/// Without its parameters a picture cannot be decoded, so the stream begins where they are.
fn h264(payload: &[u8]) -> bool {
    let kind = |header: u8| header & 0x1f;
    match payload.first().map(|header| kind(*header)) {
        Some(H264_SPS) => true,
        Some(H264_STAP_A) => {
            let mut rest = payload.get(1..).unwrap_or_default();
            while let [high, low, header, ..] = rest {
                if kind(*header) == H264_SPS {
                    return true;
                }
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                rest = rest.get(2 + length..).unwrap_or_default();
            }
            false
        }
        _ => false,
    }
}

/// The beginning (B) of a frame of the lowest layer that predicts from no earlier picture (P).
fn vp9(payload: &[u8]) -> Option<bool> {
    let first = *payload.first()?;
    let (has_id, predicts, has_layers, begins) = (first & 0x80, first & 0x40, first & 0x20, first & 0x08);
    if predicts != 0 || begins == 0 {
        return Some(false);
    }
    if has_layers == 0 {
        return Some(true);
    }
    let id_bytes = match has_id {
        0 => 0,
        _ if payload.get(1)? & 0x80 == 0 => 1,
        _ => 2,
    };
    let layers = *payload.get(1 + id_bytes)?;
    Some(layers & 0x0e == 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keyframes_begin_where_the_formats_say() {
        let cases: [(Codec, &[u8], bool); 16] = [
            (Codec::H264, &[0x67, 0x42], true),
            (Codec::H264, &[0x65, 0x88], false),
            (Codec::H264, &[0x78, 0, 2, 0x09, 0xf0, 0, 2, 0x67, 0x42, 0, 1, 0x68], true),
            (Codec::H264, &[0x78, 0, 2, 0x09, 0xf0, 0, 1, 0x68], false),
            (Codec::H264, &[0x7c, 0x85, 1], false),
            (Codec::H264, &[], false),
            (Codec::Vp9, &[0x08, 1], true),
            (Codec::Vp9, &[0x00, 1], false),
            (Codec::Vp9, &[0x48, 1], false),
            (Codec::Vp9, &[0xa8, 0x81, 0x02, 0x00], true),
            (Codec::Vp9, &[0xa8, 0x81, 0x02, 0x03], false),
            (Codec::Vp9, &[0xa8, 0x01, 0x04], false),
            (Codec::Vp9, &[0xa8, 0x81], false),
            (Codec::Av1, &[0x18, 1], true),
            (Codec::Av1, &[0x98, 1], false),
            (Codec::Av1, &[0x10, 1], false),
        ];
        for (codec, payload, begins) in cases {
            assert_eq!(starts_keyframe(codec, payload), begins, "{codec:?} {payload:x?}");
        }
    }

    proptest! {
        #[test]
        fn no_payload_breaks_the_readers(payload in prop::collection::vec(any::<u8>(), 0..40)) {
            for codec in Codec::ALL {
                starts_keyframe(codec, &payload);
            }
        }
    }
}
