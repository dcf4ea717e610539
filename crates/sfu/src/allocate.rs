//! Shares what a viewer's connection carries among the videos it shows: everyone is seen small before anyone is seen
//! large, and what does not fit even small is paused on a line that has proved thin.

use std::cmp::Reverse;

use crate::{LayerIndex, LayerSpec};

/// A single stream may take so many times what it usually takes: a screen that stands still takes next to nothing.
const SINGLE_SELDOM_FULL: u64 = 4;

/// One video that a viewer wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Bits per second of each layer, from small to large. At least one.
    pub bitrates: Vec<u64>,
    /// The layer that its tile deserves.
    pub wanted: LayerIndex,
}

impl Demand {
    fn wanted(&self) -> usize {
        usize::from(self.wanted.0).min(self.bitrates.len().saturating_sub(1))
    }

    fn rate(&self, layer: usize) -> u64 {
        self.bitrates.get(layer).copied().unwrap_or(0)
    }

    /// Bits per second below which there is no picture.
    pub fn least_rate(&self) -> u64 {
        if self.bitrates.len() < 2 { self.rate(0) / SINGLE_SELDOM_FULL } else { self.rate(0) }
    }

    /// Bits per second if the wish were fulfilled.
    pub fn full_rate(&self) -> u64 {
        self.rate(self.wanted())
    }
}

/// What a viewer's videos get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// In the order of the demands; `None` is a video that is paused.
    pub layers: Vec<Option<LayerIndex>>,
    /// Bits per second that all of them would need if the next one that is too small grew by a layer, or came back;
    /// `None` when every wish is fulfilled.
    pub next: Option<u64>,
}

/// Gives each video a layer within `budget` bits per second. Unless `thin`, nobody gets less than the smallest layer,
/// whatever it takes. On a thin line those that are shown largest keep their place, and the first that does not fit is
/// paused with all after it.
pub fn allocate(demands: &[Demand], budget: u64, thin: bool) -> Allocation {
    if thin && let Some(paused) = pause(demands, budget) {
        return paused;
    }
    let mut given = vec![0usize; demands.len()];
    let mut spent: u64 = demands.iter().map(|d| d.rate(0)).sum();
    let next = loop {
        // Of all steps up that are wanted, the smallest; the first of equals.
        let steps = demands.iter().zip(&given).enumerate().filter(|(_, (demand, at))| **at < demand.wanted());
        let steps = steps.map(|(n, (demand, at))| (*at, demand.rate(at + 1).saturating_sub(demand.rate(*at)), n));
        let Some(next) = steps.clone().map(|(_, more, _)| spent + more).min() else { break None };
        let Some((_, more, n)) = steps.filter(|(_, more, _)| spent + more <= budget).min() else { break Some(next) };
        spent += more;
        given[n] += 1;
    };
    let layers = given.into_iter().map(|layer| Some(LayerIndex(u8::try_from(layer).unwrap_or(u8::MAX)))).collect();
    Allocation { layers, next }
}

/// Who keeps a picture when not all of them fit; `None` if they do.
fn pause(demands: &[Demand], budget: u64) -> Option<Allocation> {
    let mut order: Vec<_> = demands.iter().enumerate().collect();
    order.sort_by_key(|(n, demand)| (Reverse(demand.wanted()), *n));
    let mut layers = vec![None; demands.len()];
    let mut spent = 0;
    for (n, demand) in order {
        let with = spent + demand.least_rate();
        if with > budget {
            return Some(Allocation { layers, next: Some(with) });
        }
        spent = with;
        layers[n] = Some(LayerIndex(0));
    }
    None
}

/// Bits per second of each layer of a track, as its publisher says or as such pictures usually need.
pub fn bitrates_of(layers: &[LayerSpec]) -> Vec<u64> {
    let usual = |l: &LayerSpec| match l.width.max(l.height) {
        0..=320 => 160_000,
        321..=640 => 450_000,
        641..=960 => 900_000,
        961..=1_280 => 1_700_000,
        _ => 3_000_000,
    };
    let rate = |l: &LayerSpec| if l.bitrate > 0 { u64::from(l.bitrate) } else { usual(l) };
    if layers.is_empty() { vec![0] } else { layers.iter().map(rate).collect() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn camera(wanted: u8) -> Demand {
        Demand { bitrates: vec![150_000, 500_000, 1_700_000], wanted: LayerIndex(wanted) }
    }

    fn given(demands: &[Demand], budget: u64) -> Vec<u8> {
        allocate(demands, budget, false).layers.into_iter().flatten().map(|l| l.0).collect()
    }

    #[test]
    fn everyone_is_seen_small_before_anyone_is_seen_large() {
        let all = [camera(2), camera(2), camera(0)];
        assert_eq!(given(&all, 0), [0, 0, 0]);
        assert_eq!(given(&all, 800_000), [1, 0, 0]);
        assert_eq!(given(&all, 1_150_000), [1, 1, 0]);
        assert_eq!(given(&all, 2_350_000), [2, 1, 0]);
        assert_eq!(given(&all, 100_000_000), [2, 2, 0]);
    }

    #[test]
    fn a_single_stream_has_one_layer() {
        assert_eq!(given(&[Demand { bitrates: vec![0], wanted: LayerIndex(200) }], 1), [0]);
    }

    #[test]
    fn the_next_step_up_is_named_until_every_wish_is_fulfilled() {
        let next = |demands: &[Demand], budget| allocate(demands, budget, false).next;
        assert_eq!(next(&[camera(2), camera(1)], 0), Some(650_000));
        assert_eq!(next(&[camera(2), camera(1)], 1_100_000), Some(2_200_000));
        assert_eq!(next(&[camera(2), camera(1)], 2_200_000), None);
        assert_eq!(next(&[camera(0)], 0), None);
        assert_eq!(next(&[], 0), None);
    }

    #[test]
    fn on_a_thin_line_the_largest_keep_their_place_and_the_rest_is_paused() {
        let thin = |demands: &[Demand], budget| {
            let Allocation { layers, next } = allocate(demands, budget, true);
            (layers.into_iter().map(|l| l.map(|l| l.0)).collect::<Vec<_>>(), next)
        };
        let all = [camera(0), camera(2), camera(0)];
        assert_eq!(thin(&all, 149_999), (vec![None, None, None], Some(150_000)));
        assert_eq!(thin(&all, 150_000), (vec![None, Some(0), None], Some(300_000)));
        assert_eq!(thin(&all, 449_999), (vec![Some(0), Some(0), None], Some(450_000)));
        assert_eq!(thin(&all, 450_000), (vec![Some(0), Some(0), Some(0)], Some(800_000)));
        assert_eq!(thin(&all, 800_000).0, [Some(0), Some(1), Some(0)]);
        let screen = [Demand { bitrates: vec![2_000_000], wanted: LayerIndex(0) }];
        assert_eq!(thin(&screen, 500_000), (vec![Some(0)], None));
        assert_eq!(thin(&screen, 499_999), (vec![None], Some(500_000)));
    }

    proptest! {
        #[test]
        fn more_than_the_least_is_given_only_within_the_budget(
            wanted in prop::collection::vec((prop::collection::vec(1u64..3_000_000, 1..4), 0u8..4), 0..12),
            budget in 0u64..20_000_000,
            thin: bool,
        ) {
            let demands: Vec<_> = wanted
                .into_iter()
                .map(|(mut bitrates, w)| {
                    bitrates.sort_unstable();
                    Demand { bitrates, wanted: LayerIndex(w) }
                })
                .collect();
            let Allocation { layers: given, next } = allocate(&demands, budget, thin);
            prop_assert!(next.is_none_or(|next| next > budget));
            let rate = |(d, l): (&Demand, &Option<LayerIndex>)| match l {
                Some(LayerIndex(0)) => d.least_rate(),
                Some(layer) => d.rate(usize::from(layer.0)),
                None => 0,
            };
            let spent: u64 = demands.iter().zip(&given).map(rate).sum();
            let least: u64 = demands.iter().map(Demand::least_rate).sum();
            let most = if thin { budget } else { budget.max(least) };
            prop_assert!(spent <= most);
            prop_assert!(thin || given.iter().all(Option::is_some));
            prop_assert!(demands.iter().zip(&given).all(|(d, l)| l.is_none_or(|l| usize::from(l.0) <= d.wanted())));
        }
    }
}
