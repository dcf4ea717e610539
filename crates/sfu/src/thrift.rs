//! How sparingly sound goes one way of a connection.

/// From what sounds best to what passes where hardly anything does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thrift {
    /// As its sender likes it, and each packet with what the one before it carried.
    #[default]
    Full,
    /// Each sound once, and in fewer bits: some 55 kbit/s with all headers.
    Lean,
    /// In so few bits as a voice can be understood with, and in long packets: below 30 kbit/s.
    Least,
}

impl Thrift {
    /// One step back towards what sounds best.
    pub const fn easier(self) -> Self {
        match self {
            Thrift::Full | Thrift::Lean => Thrift::Full,
            Thrift::Least => Thrift::Lean,
        }
    }

    /// Most bits of sound in a second, in thousands; `None` is as many as its sender likes.
    pub const fn kilobits(self) -> Option<u32> {
        match self {
            Thrift::Full => None,
            Thrift::Lean => Some(24),
            Thrift::Least => Some(16),
        }
    }
}
