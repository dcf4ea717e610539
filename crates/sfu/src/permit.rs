//! The consent gate: which sources of a person may leave the server, and the proof that one was asked.

use std::fmt;
use std::ops::{BitAnd, BitOr};

/// What a packet came from. `Other` is a track that names no source; only API rooms ever permit it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    Camera,
    Microphone,
    Screen,
    ScreenAudio,
    Other,
    Data,
}

impl Source {
    pub const ALL: [Source; 6] =
        [Source::Camera, Source::Microphone, Source::Screen, Source::ScreenAudio, Source::Other, Source::Data];

    /// The permit that this source needs. Sound of a screen goes with the screen.
    pub const fn permit(self) -> Permits {
        match self {
            Source::Camera => Permits::CAMERA,
            Source::Microphone => Permits::MICROPHONE,
            Source::Screen | Source::ScreenAudio => Permits::SCREEN,
            Source::Other => Permits::OTHER,
            Source::Data => Permits::DATA,
        }
    }

    const fn index(self) -> usize {
        match self {
            Source::Camera => 0,
            Source::Microphone => 1,
            Source::Screen => 2,
            Source::ScreenAudio => 3,
            Source::Other => 4,
            Source::Data => 5,
        }
    }
}

/// A set of permitted sources.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Permits(u8);

impl Permits {
    pub const NONE: Permits = Permits(0);
    pub const CAMERA: Permits = Permits(1);
    pub const MICROPHONE: Permits = Permits(2);
    pub const SCREEN: Permits = Permits(4);
    pub const DATA: Permits = Permits(8);
    /// Tracks without a source. Never part of a meeting's permits.
    pub const OTHER: Permits = Permits(16);
    /// Everything a person can be asked for.
    pub const ASKED: Permits = Permits(1 | 2 | 4 | 8);
    pub const ALL: Permits = Permits(1 | 2 | 4 | 8 | 16);

    pub const fn contains(self, other: Permits) -> bool {
        self.0 & other.0 == other.0
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// These without `other`.
    pub const fn without(self, other: Permits) -> Permits {
        Permits(self.0 & !other.0)
    }

    /// True if any track at all may be published.
    pub const fn any_media(self) -> bool {
        self.0 & (1 | 2 | 4 | 16) != 0
    }
}

impl BitOr for Permits {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Permits {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl fmt::Debug for Permits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (Permits::CAMERA, "camera"),
            (Permits::MICROPHONE, "microphone"),
            (Permits::SCREEN, "screen"),
            (Permits::DATA, "data"),
            (Permits::OTHER, "other"),
        ];
        f.debug_set().entries(names.iter().filter(|(bit, _)| self.contains(*bit)).map(|(_, name)| name)).finish()
    }
}

/// Counts the changes of one person's permits in one room. A later one always wins over an earlier one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u64);

/// One copy of one person's permits. A fresh one is shut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    permits: Permits,
    epoch: Epoch,
}

impl Gate {
    pub const fn new(permits: Permits, epoch: Epoch) -> Self {
        Self { permits, epoch }
    }

    /// Takes over the permits of `epoch`. An earlier epoch changes nothing; the same epoch can only lower, so that
    /// two orders that crossed on their way leave the stricter one. Returns whether anything changed.
    pub fn apply(&mut self, permits: Permits, epoch: Epoch) -> bool {
        let before = *self;
        if epoch > self.epoch {
            *self = Self { permits, epoch };
        } else if epoch == self.epoch {
            self.permits = self.permits & permits;
        }
        *self != before
    }

    /// The proof that `source` may be forwarded now, if it may.
    pub const fn pass(&self, source: Source) -> Option<Pass> {
        if self.permits.contains(source.permit()) { Some(Pass(())) } else { None }
    }

    pub const fn permits(&self) -> Permits {
        self.permits
    }

    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }
}

/// Proof that an open gate was asked for this packet. Only [`Gate::pass`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct Pass(());

/// One value for each source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BySource<T>([T; 6]);

impl<T> BySource<T> {
    pub fn get(&self, source: Source) -> &T {
        &self.0[source.index()]
    }

    pub fn get_mut(&mut self, source: Source) -> &mut T {
        &mut self.0[source.index()]
    }

    /// Builds one by asking `value` for each source.
    pub fn from_fn(mut value: impl FnMut(Source) -> T) -> Self {
        Self(Source::ALL.map(&mut value))
    }

    pub fn iter(&self) -> impl Iterator<Item = (Source, &T)> {
        Source::ALL.into_iter().zip(self.0.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_gate_lets_nothing_through() {
        let gate = Gate::default();
        assert!(Source::ALL.iter().all(|s| gate.pass(*s).is_none()));
    }

    #[test]
    fn a_late_order_of_an_earlier_epoch_does_not_open_the_gate_again() {
        let mut gate = Gate::new(Permits::CAMERA, Epoch(1));
        assert!(gate.apply(Permits::NONE, Epoch(3)));
        assert!(!gate.apply(Permits::CAMERA, Epoch(2)));
        assert!(gate.pass(Source::Camera).is_none());
    }

    #[test]
    fn the_same_epoch_can_only_lower() {
        let mut gate = Gate::new(Permits::CAMERA, Epoch(1));
        gate.apply(Permits::ALL, Epoch(1));
        assert_eq!(gate.permits(), Permits::CAMERA);
        gate.apply(Permits::NONE, Epoch(1));
        assert_eq!(gate.permits(), Permits::NONE);
    }

    #[test]
    fn sound_of_a_screen_goes_with_the_screen() {
        let gate = Gate::new(Permits::SCREEN, Epoch(1));
        assert!(gate.pass(Source::ScreenAudio).is_some());
        assert!(gate.pass(Source::Microphone).is_none());
    }
}
