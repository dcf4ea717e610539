//! What sound and pictures are encoded with, and in how many such encodings a track comes.

use crate::{Kind, LayerSpec, TrackSid};

/// A codec that this server passes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Codec {
    Opus,
    Vp8,
    H264,
    Vp9,
    Av1,
}

impl Codec {
    pub const ALL: [Codec; 5] = [Codec::Opus, Codec::Vp8, Codec::H264, Codec::Vp9, Codec::Av1];

    pub const fn kind(self) -> Kind {
        match self {
            Codec::Opus => Kind::Audio,
            Codec::Vp8 | Codec::H264 | Codec::Vp9 | Codec::Av1 => Kind::Video,
        }
    }

    /// Its spatial layers can come in one stream and build on each other.
    pub const fn is_layered(self) -> bool {
        matches!(self, Codec::Vp9 | Codec::Av1)
    }
}

/// A set of codecs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Codecs(u8);

impl Codecs {
    pub const NONE: Self = Self(0);
    pub const ALL: Self = Self(0b1_1111);

    pub fn insert(&mut self, codec: Codec) {
        self.0 |= Self::bit(codec);
    }

    pub fn remove(&mut self, codec: Codec) {
        self.0 &= !Self::bit(codec);
    }

    pub const fn contains(self, codec: Codec) -> bool {
        self.0 & Self::bit(codec) != 0
    }

    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn bit(codec: Codec) -> u8 {
        match codec {
            Codec::Opus => 1,
            Codec::Vp8 => 2,
            Codec::H264 => 4,
            Codec::Vp9 => 8,
            Codec::Av1 => 16,
        }
    }
}

impl FromIterator<Codec> for Codecs {
    fn from_iter<T: IntoIterator<Item = Codec>>(codecs: T) -> Self {
        let mut set = Self::NONE;
        codecs.into_iter().for_each(|codec| set.insert(codec));
        set
    }
}

/// One encoding of a published track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoding {
    pub codec: Codec,
    /// From small to large; empty for a single stream.
    pub layers: Vec<LayerSpec>,
}

/// A track as it comes in one of its encodings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rendition {
    pub track: TrackSid,
    pub codec: Codec,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in() {
        let set: Codecs = [Codec::Vp8, Codec::Av1].into_iter().collect();
        let held: Vec<_> = Codec::ALL.into_iter().filter(|codec| set.contains(*codec)).collect();
        assert_eq!(held, [Codec::Vp8, Codec::Av1]);
        assert!(Codec::ALL.into_iter().all(|codec| Codecs::ALL.contains(codec) && !Codecs::NONE.contains(codec)));
    }
}
