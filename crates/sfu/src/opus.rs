//! Packets of Opus put together without decoding them (RFC 6716 section 3). Each packet carries 60 to 80 bytes of
//! headers, at 20 ms more than the sound in it, so on a line that is too thin for both several leave as one.
//!
//! Invariant: a decoder gets the frames that came, in their order, and none twice.

/// Longest sound in one packet (RFC 6716 section 3.4, R5), and what packets are filled up to here, in units of 2.5 ms.
const LONGEST: u16 = 48;
const FULL: u16 = 24;
/// Longest frame (R2).
const FRAME_MAX: usize = 1_275;
/// Longest packet that is made here; it must fit into one datagram.
const PACKET_MAX: usize = 1_000;
/// Ticks of the clock in 2.5 ms.
const TICKS: u32 = 120;
/// What is so short is no sound but the mark of a pause.
const PAUSE_MAX: usize = 2;

/// A packet, cut into its frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpusFrames<'a> {
    /// The first byte without the number of frames: mode, bandwidth, length of a frame, channels.
    kind: u8,
    frames: Vec<&'a [u8]>,
}

impl<'a> OpusFrames<'a> {
    /// Cuts a packet. `None` if it is broken.
    pub fn parse(packet: &'a [u8]) -> Option<Self> {
        let (first, rest) = packet.split_first()?;
        let frames = match first & 3 {
            0 => vec![rest],
            1 => same_length(rest, 2)?,
            2 => {
                let (length, rest) = read_length(rest)?;
                let (one, two) = rest.split_at_checked(length)?;
                vec![one, two]
            }
            _ => many(rest)?,
        };
        let cut = Self { kind: first & !3, frames };
        let fits = cut.length() <= LONGEST && cut.frames.iter().all(|frame| frame.len() <= FRAME_MAX);
        fits.then_some(cut)
    }

    /// How long it lasts, in ticks of a clock of 48 kHz.
    pub fn ticks(&self) -> u32 {
        u32::from(self.length()) * TICKS
    }

    /// Nothing is said.
    pub fn is_pause(&self) -> bool {
        self.frames.iter().map(|frame| frame.len()).sum::<usize>() < PAUSE_MAX
    }

    /// What a decoder is given, frame by frame: the kind and the bytes.
    pub fn sounds(&self) -> impl Iterator<Item = (u8, &'a [u8])> {
        self.frames.iter().map(|frame| (self.kind, *frame))
    }

    fn length(&self) -> u16 {
        frame_length(self.kind).saturating_mul(self.frames.len() as u16)
    }
}

/// Consecutive packets that become one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpusMerger {
    kind: u8,
    lengths: Vec<u16>,
    bytes: Vec<u8>,
}

impl OpusMerger {
    pub fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    /// Whether a packet can be put behind what is there: the same kind of sound, and neither too long nor too large.
    pub fn fits(&self, next: &OpusFrames) -> bool {
        let bytes: usize = next.frames.iter().map(|frame| frame.len()).sum();
        let length = self.length() + next.length();
        self.is_empty() || (self.kind == next.kind && length <= FULL && self.bytes.len() + bytes <= PACKET_MAX)
    }

    /// Puts a packet that [`OpusMerger::fits`] behind what is there.
    pub fn push(&mut self, next: &OpusFrames) {
        self.kind = next.kind;
        for frame in &next.frames {
            self.lengths.push(frame.len() as u16);
            self.bytes.extend_from_slice(frame);
        }
    }

    /// No further packet like the last one fits.
    pub fn is_full(&self, last: &OpusFrames) -> bool {
        self.length() + last.length() > FULL
    }

    /// The packet, after which this is empty.
    pub fn take(&mut self) -> Vec<u8> {
        let (lengths, bytes) = (std::mem::take(&mut self.lengths), std::mem::take(&mut self.bytes));
        let same = lengths.windows(2).all(|pair| pair[0] == pair[1]);
        let mut packet = Vec::with_capacity(bytes.len() + 2 * lengths.len() + 2);
        match (lengths.as_slice(), same) {
            ([_], _) => packet.push(self.kind),
            ([_, _], true) => packet.push(self.kind | 1),
            ([first, _], false) => {
                packet.push(self.kind | 2);
                write_length(&mut packet, *first);
            }
            (_, true) => packet.extend([self.kind | 3, lengths.len() as u8]),
            (_, false) => {
                packet.extend([self.kind | 3, 0x80 | lengths.len() as u8]);
                let all_but_last = lengths.len().saturating_sub(1);
                lengths.iter().take(all_but_last).for_each(|length| write_length(&mut packet, *length));
            }
        }
        packet.extend(bytes);
        packet
    }

    fn length(&self) -> u16 {
        frame_length(self.kind).saturating_mul(self.lengths.len() as u16)
    }
}

/// Of one frame, in units of 2.5 ms (RFC 6716 table 2).
fn frame_length(kind: u8) -> u16 {
    match kind >> 3 {
        config @ 0..12 => [4, 8, 16, 24][usize::from(config & 3)],
        config @ 12..16 => [4, 8][usize::from(config & 1)],
        config => [1, 2, 4, 8][usize::from(config & 3)],
    }
}

fn same_length(bytes: &[u8], count: usize) -> Option<Vec<&[u8]>> {
    let fits = count > 0 && bytes.len().is_multiple_of(count);
    fits.then(|| (0..count).map(|n| &bytes[n * (bytes.len() / count)..][..bytes.len() / count]).collect())
}

/// Code 3: the number of frames is told, their lengths may be, and padding may stand behind them.
fn many(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let (head, mut rest) = bytes.split_first()?;
    let (varies, padded, count) = (head & 0x80 != 0, head & 0x40 != 0, usize::from(head & 0x3f));
    if count == 0 || count > usize::from(LONGEST) {
        return None;
    }
    if padded {
        let mut padding = 0;
        loop {
            let (more, after) = rest.split_first()?;
            rest = after;
            padding += usize::from(*more) - usize::from(*more == 255);
            if *more != 255 {
                break;
            }
        }
        rest = rest.get(..rest.len().checked_sub(padding)?)?;
    }
    if !varies {
        return same_length(rest, count);
    }
    let mut lengths = Vec::with_capacity(count);
    for _ in 1..count {
        let (length, after) = read_length(rest)?;
        lengths.push(length);
        rest = after;
    }
    let mut frames = Vec::with_capacity(count);
    for length in lengths {
        let (frame, after) = rest.split_at_checked(length)?;
        frames.push(frame);
        rest = after;
    }
    frames.push(rest);
    Some(frames)
}

/// One byte up to 251, two above (RFC 6716 section 3.2.1).
fn read_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match bytes {
        [low, rest @ ..] if *low < 252 => Some((usize::from(*low), rest)),
        [low, high, rest @ ..] => Some((usize::from(*high) * 4 + usize::from(*low), rest)),
        _ => None,
    }
}

fn write_length(packet: &mut Vec<u8>, length: u16) {
    if length < 252 {
        packet.push(length as u8);
    } else {
        let low = 252 + (length & 3);
        packet.extend([low as u8, ((length - low) / 4) as u8]);
    }
}

#[cfg(test)]
#[path = "opus_tests.rs"]
mod tests;
