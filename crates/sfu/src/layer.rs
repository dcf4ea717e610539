//! Which layer of a simulcast video a viewer gets, by the size of the tile it is drawn on.

/// A layer by its place in the track's list, smallest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct LayerIndex(pub u8);

/// What the publisher says a layer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerSpec {
    /// The RTP stream id of this layer; empty for a single stream.
    pub rid: String,
    /// Pixels; 0 if unknown.
    pub width: u32,
    /// Pixels; 0 if unknown.
    pub height: u32,
    /// Bits per second at most; 0 if unknown.
    pub bitrate: u32,
}

/// A coarse wish, for clients that do not say the size of the tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    Low,
    Medium,
    High,
}

/// How a viewer wants to see a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Not now: the tile is hidden.
    Nothing,
    /// Pixels of the screen that the tile covers.
    Size {
        width: u32,
        height: u32,
    },
    Quality(Quality),
}

impl Default for Wish {
    fn default() -> Self {
        Wish::Quality(Quality::High)
    }
}

/// The smallest layer that fills the wish, else the largest; `None` if nothing is wanted. `layers` are sorted from
/// small to large. A track without layers has one, index 0.
pub fn choose_layer(layers: &[LayerSpec], wish: Wish) -> Option<LayerIndex> {
    let top = layers.len().saturating_sub(1);
    let index = match wish {
        Wish::Nothing => return None,
        Wish::Quality(Quality::Low) => 0,
        Wish::Quality(Quality::Medium) => top.min(1),
        Wish::Quality(Quality::High) => top,
        Wish::Size { width, height } => layers.iter().position(|l| fills(l, width, height)).unwrap_or(top),
    };
    Some(LayerIndex(u8::try_from(index).unwrap_or(u8::MAX)))
}

/// A layer fills a tile if its longer side reaches the tile's longer side. A tenth less passes, because nobody sees
/// the difference and the next layer costs three times as much.
fn fills(layer: &LayerSpec, width: u32, height: u32) -> bool {
    let has = u64::from(layer.width.max(layer.height));
    let wants = u64::from(width.max(height));
    has * 10 >= wants * 9
}

#[cfg(test)]
mod tests {
    use super::*;

    fn camera() -> Vec<LayerSpec> {
        [("q", 320, 180), ("h", 640, 360), ("f", 1280, 720)]
            .map(|(rid, width, height)| LayerSpec { rid: rid.into(), width, height, bitrate: 0 })
            .to_vec()
    }

    #[test]
    fn the_smallest_layer_that_fills_the_tile_is_chosen() {
        let cases = [
            (Wish::Nothing, None),
            (Wish::Quality(Quality::Low), Some(0)),
            (Wish::Quality(Quality::Medium), Some(1)),
            (Wish::Quality(Quality::High), Some(2)),
            (Wish::Size { width: 100, height: 60 }, Some(0)),
            (Wish::Size { width: 350, height: 200 }, Some(0)),
            (Wish::Size { width: 400, height: 225 }, Some(1)),
            (Wish::Size { width: 1280, height: 720 }, Some(2)),
            (Wish::Size { width: 4000, height: 2000 }, Some(2)),
        ];
        for (wish, expected) in cases {
            assert_eq!(choose_layer(&camera(), wish), expected.map(LayerIndex), "{wish:?}");
        }
    }

    #[test]
    fn a_track_without_layers_has_one() {
        assert_eq!(choose_layer(&[], Wish::default()), Some(LayerIndex(0)));
    }
}
