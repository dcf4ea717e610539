//! Reads the dependency descriptor, a header extension that tells of each packet which frame it belongs to, on which
//! layer that lies, and what it needs (AV1 RTP specification, appendix A). VP9 in layers carries it as well.
//!
//! Bounded: a descriptor has at most 255 bytes, a structure at most 64 templates for 32 decode targets. Of a frame only
//! what the choice of layers needs is kept: how each spatial layer with all its pictures sees it.

use crate::svc::{Frame, Indication, SPATIAL_LAYERS};

/// The name of the extension in session descriptions.
pub const DEPENDENCY_DESCRIPTOR: &str =
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

const MAX_TEMPLATES: usize = 64;
const MAX_TARGETS: usize = 32;
/// Most frames that one frame can need.
const MAX_NEEDS: usize = 16;
/// With so many bytes a descriptor says nothing of its own.
const MANDATORY_BYTES: usize = 3;

/// How frames of one kind relate to the rest.
#[derive(Clone, Debug)]
struct Template {
    spatial: u8,
    temporal: u8,
    /// For each decode target.
    indications: Vec<Indication>,
    /// How many frames back those are that it needs.
    needs: Vec<u16>,
}

/// What holds from one beginning of the video to the next.
#[derive(Clone, Debug)]
struct Structure {
    first_id: u8,
    templates: Vec<Template>,
    /// For each spatial layer the decode target that has all its pictures.
    targets: [Option<u8>; SPATIAL_LAYERS],
    count: usize,
}

/// Reads the descriptors of one stream in the order in which they come.
#[derive(Clone, Debug, Default)]
pub struct DescriptorReader {
    structure: Option<Structure>,
    /// The decode targets whose frames are being sent.
    active: u32,
    last: Option<u64>,
}

impl DescriptorReader {
    /// What a packet belongs to; `None` if the descriptor is broken or its structure is not known (any more).
    pub fn read(&mut self, bytes: &[u8]) -> Option<Frame> {
        let mut bits = Bits { bytes, at: 0 };
        let (starts, ends) = (bits.flag()?, bits.flag()?);
        let template = bits.take(6)? as u8;
        let number = bits.take(16)? as u16;
        let mut custom = [false; 2];
        let mut structure = None;
        let mut active = None;
        if bytes.len() > MANDATORY_BYTES {
            let (has_structure, has_active) = (bits.flag()?, bits.flag()?);
            custom = [bits.flag()?, bits.flag()?];
            // Chains of this frame alone; they come last and are not read.
            bits.flag()?;
            if has_structure {
                structure = Some(Structure::read(&mut bits)?);
            }
            let count = structure.as_ref().or(self.structure.as_ref())?.count;
            active = has_structure.then(|| u32::MAX >> (MAX_TARGETS - count));
            if has_active {
                active = Some(bits.take(count)?);
            }
        }
        let begins = structure.is_some();
        let current = structure.as_ref().or(self.structure.as_ref())?;
        let template = current.template(template)?;
        let indications =
            if custom[0] { read_indications(&mut bits, current.count)? } else { template.indications.clone() };
        let needs = if custom[1] { read_frame_needs(&mut bits)? } else { template.needs.clone() };
        let active = active.unwrap_or(self.active);
        let mut frame = Frame {
            number: 0,
            spatial: template.spatial,
            starts,
            ends,
            begins: begins && template.spatial == 0 && template.temporal == 0 && needs.is_empty(),
            // The nearest 64 fit; whatever needs older ones is no place to begin at.
            needs: needs.iter().try_fold(0, |set, back| (1..=64).contains(back).then(|| set | (1 << (back - 1)))),
            indications: current.of_layers(&indications, active),
            top: current.top(active),
        };
        let (number, is_newest) = self.unwrap(number);
        frame.number = number;
        // What comes late changes nothing of what follows it.
        if is_newest {
            self.active = active;
            self.structure = structure.or(self.structure.take());
        }
        Some(frame)
    }

    /// The number without its rollovers, and whether none was higher.
    fn unwrap(&mut self, number: u16) -> (u64, bool) {
        // High enough that what comes early and belongs before the first has a number too.
        let last = *self.last.get_or_insert_with(|| (1 << 32) | u64::from(number));
        let ahead = i64::from(number.wrapping_sub(last as u16).cast_signed());
        let full = last.wrapping_add_signed(ahead);
        self.last = Some(full.max(last));
        (full, full >= last)
    }
}

impl Structure {
    fn read(bits: &mut Bits<'_>) -> Option<Self> {
        let first_id = bits.take(6)? as u8;
        let count = bits.take(5)? as usize + 1;
        let mut templates = read_layers(bits)?;
        for template in &mut templates {
            template.indications = read_indications(bits, count)?;
        }
        for template in &mut templates {
            while bits.flag()? {
                template.needs.push(bits.take(4)? as u16 + 1);
                if template.needs.len() > MAX_NEEDS {
                    return None;
                }
            }
        }
        skip_chains(bits, count, templates.len())?;
        if bits.flag()? {
            let layers = templates.iter().map(|t| t.spatial).max().unwrap_or(0) + 1;
            for _ in 0..layers {
                bits.take(32)?;
            }
        }
        let targets = targets(&templates, count);
        Some(Self { first_id, templates, targets, count })
    }

    fn template(&self, id: u8) -> Option<&Template> {
        self.templates.get(usize::from((id + 64 - self.first_id) % 64))
    }

    /// How each spatial layer sees a frame.
    fn of_layers(&self, indications: &[Indication], active: u32) -> [Indication; SPATIAL_LAYERS] {
        self.targets.map(|target| match target {
            Some(target) if active & (1 << target) != 0 => {
                indications.get(usize::from(target)).copied().unwrap_or(Indication::Absent)
            }
            _ => Indication::Absent,
        })
    }

    /// The highest layer that is sent.
    fn top(&self, active: u32) -> u8 {
        let sent = |target: &Option<u8>| target.is_some_and(|target| active & (1 << target) != 0);
        self.targets.iter().rposition(sent).unwrap_or(0) as u8
    }
}

/// For each spatial layer, the decode target with the most pictures of it.
fn targets(templates: &[Template], count: usize) -> [Option<u8>; SPATIAL_LAYERS] {
    let mut best: [Option<(u8, u8)>; SPATIAL_LAYERS] = [None; SPATIAL_LAYERS];
    for target in 0..count {
        let of = templates.iter().filter(|t| t.indications.get(target).is_some_and(|i| *i != Indication::Absent));
        let layers = of.fold(None, |top: Option<(u8, u8)>, t| {
            let (spatial, temporal) = top.unwrap_or_default();
            Some((spatial.max(t.spatial), temporal.max(t.temporal)))
        });
        let Some((spatial, temporal)) = layers else { continue };
        if let Some(slot) = best.get_mut(usize::from(spatial))
            && slot.is_none_or(|(has, _)| temporal > has)
        {
            *slot = Some((temporal, target as u8));
        }
    }
    best.map(|found| found.map(|(_, target)| target))
}

fn read_layers(bits: &mut Bits<'_>) -> Option<Vec<Template>> {
    let mut templates = Vec::new();
    let (mut spatial, mut temporal) = (0u8, 0u8);
    loop {
        if templates.len() == MAX_TEMPLATES || usize::from(spatial) >= SPATIAL_LAYERS {
            return None;
        }
        templates.push(Template { spatial, temporal, indications: Vec::new(), needs: Vec::new() });
        match bits.take(2)? {
            0 => {}
            1 => temporal = temporal.checked_add(1)?,
            2 => (spatial, temporal) = (spatial + 1, 0),
            _ => return Some(templates),
        }
    }
}

fn read_indications(bits: &mut Bits<'_>, count: usize) -> Option<Vec<Indication>> {
    let one = |bits: &mut Bits<'_>| {
        Some(match bits.take(2)? {
            0 => Indication::Absent,
            1 => Indication::Discardable,
            2 => Indication::Switch,
            _ => Indication::Required,
        })
    };
    (0..count).map(|_| one(bits)).collect()
}

fn read_frame_needs(bits: &mut Bits<'_>) -> Option<Vec<u16>> {
    let mut needs = Vec::new();
    loop {
        let size = bits.take(2)? as usize;
        if size == 0 {
            return Some(needs);
        }
        if needs.len() == MAX_NEEDS {
            return None;
        }
        needs.push(bits.take(4 * size)? as u16 + 1);
    }
}

/// Chains tell a receiver what is lost; here they only stand before what follows.
fn skip_chains(bits: &mut Bits<'_>, count: usize, templates: usize) -> Option<()> {
    let chains = bits.non_symmetric(count as u32 + 1)?;
    if chains > 0 {
        for _ in 0..count {
            bits.non_symmetric(chains)?;
        }
        for _ in 0..templates * chains as usize {
            bits.take(4)?;
        }
    }
    Some(())
}

/// Bits from the highest to the lowest of each byte.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn flag(&mut self) -> Option<bool> {
        let byte = *self.bytes.get(self.at / 8)?;
        let bit = (byte >> (7 - self.at % 8)) & 1;
        self.at += 1;
        Some(bit == 1)
    }

    /// A number of up to 32 bits.
    fn take(&mut self, count: usize) -> Option<u32> {
        (0..count).try_fold(0, |number, _| Some((number << 1) | u32::from(self.flag()?)))
    }

    /// One of `count` values, the first ones a bit shorter than the others.
    fn non_symmetric(&mut self, count: u32) -> Option<u32> {
        let width = 32 - count.leading_zeros();
        let short = (1u32 << width).checked_sub(count)?;
        let value = self.take(width as usize - 1)?;
        if value < short { Some(value) } else { Some((value << 1) - short + self.take(1)?) }
    }
}

#[cfg(test)]
#[path = "descriptor_tests.rs"]
mod tests;
