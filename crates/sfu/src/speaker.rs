//! Who is speaking, from the levels that clients write into the header of their audio packets. The sound itself is
//! never looked at, so this works for end-to-end encrypted rooms too.

use std::collections::BTreeMap;

use crate::ParticipantSid;

/// Louder than this counts as speech. Decibels below overload, as RFC 6464 counts them.
const SPEECH_DBOV: u8 = 35;
/// A person speaks if this share of the packets in a window is speech, in hundredths.
const SPEECH_SHARE: u32 = 40;
/// Weight of a new window against the past.
const SMOOTHING: f32 = 0.5;
/// Changes of level below this are not worth a message.
const STEP: f32 = 0.05;

/// Collects the levels of one track during one window.
#[derive(Clone, Debug, Default)]
pub struct LevelMeter {
    packets: u32,
    speech: u32,
    loudest: Option<u8>,
    smooth: f32,
}

impl LevelMeter {
    /// `dbov` is the level of one packet: 0 is the loudest, 127 silence.
    pub fn observe(&mut self, dbov: u8) {
        self.packets += 1;
        if dbov <= SPEECH_DBOV {
            self.speech += 1;
        }
        self.loudest = Some(self.loudest.map_or(dbov, |l| l.min(dbov)));
    }

    /// Ends the window: the smoothed level in 0..=1 while the person speaks, else `None`.
    pub fn finish_window(&mut self) -> Option<f32> {
        let speaks = self.packets > 0 && self.speech * 100 >= self.packets * SPEECH_SHARE;
        let level = if speaks { self.loudest.map_or(0.0, linear) } else { 0.0 };
        self.smooth = self.smooth * (1.0 - SMOOTHING) + level * SMOOTHING;
        (self.packets, self.speech, self.loudest) = (0, 0, None);
        speaks.then_some(self.smooth)
    }
}

/// Decibels below overload as a share of full scale.
fn linear(dbov: u8) -> f32 {
    10f32.powf(-f32::from(dbov) / 20.0)
}

/// One line of a speakers update: `level` is 0 when the person stopped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpeakerChange {
    pub participant: ParticipantSid,
    pub level: f32,
    pub active: bool,
}

/// Who speaks in a room. Gives out changes only, and always the end of what it began.
#[derive(Clone, Debug, Default)]
pub struct Speakers {
    /// The levels that were given out last, so that a slow drift adds up to a change.
    told: BTreeMap<ParticipantSid, f32>,
}

impl Speakers {
    /// Takes one participant's window; returns the change that others should hear of.
    pub fn update(&mut self, participant: ParticipantSid, level: Option<f32>) -> Option<SpeakerChange> {
        match level {
            Some(level) => {
                if self.told.get(&participant).is_some_and(|told| (told - level).abs() < STEP) {
                    return None;
                }
                self.told.insert(participant, level);
                Some(SpeakerChange { participant, level, active: true })
            }
            None => {
                self.told.remove(&participant)?;
                Some(SpeakerChange { participant, level: 0.0, active: false })
            }
        }
    }

    /// Everyone who speaks now, for one who has just come.
    pub fn now(&self) -> Vec<SpeakerChange> {
        let line = |(p, l): (&ParticipantSid, &f32)| SpeakerChange { participant: *p, level: *l, active: true };
        self.told.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use kloud_base::Rng;

    use super::*;

    struct Zeros;

    impl Rng for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[test]
    fn speech_is_heard_and_silence_is_not() {
        let mut meter = LevelMeter::default();
        (0..20).for_each(|_| meter.observe(20));
        assert!(meter.finish_window().is_some_and(|l| l > 0.0));
        (0..20).for_each(|_| meter.observe(127));
        assert_eq!(meter.finish_window(), None);
        assert_eq!(meter.finish_window(), None, "no packets is silence");
    }

    #[test]
    fn a_short_click_is_no_speech() {
        let mut meter = LevelMeter::default();
        meter.observe(0);
        (0..19).for_each(|_| meter.observe(100));
        assert_eq!(meter.finish_window(), None);
    }

    #[test]
    fn one_who_stops_is_reported_once() {
        let sid = ParticipantSid::random(&Zeros);
        let mut speakers = Speakers::default();
        assert!(speakers.update(sid, Some(0.5)).is_some());
        assert_eq!(speakers.update(sid, Some(0.51)), None, "too small a change");
        let stop = speakers.update(sid, None).expect("an end");
        assert!(!stop.active && stop.level == 0.0);
        assert_eq!(speakers.update(sid, None), None);
    }

    #[test]
    fn a_slow_drift_is_told_once_it_adds_up() {
        let sid = ParticipantSid::random(&Zeros);
        let mut speakers = Speakers::default();
        let told = [0.10, 0.13, 0.16, 0.19].map(|level| speakers.update(sid, Some(level)).map(|change| change.level));
        assert_eq!(told, [Some(0.10), None, Some(0.16), None]);
    }
}
