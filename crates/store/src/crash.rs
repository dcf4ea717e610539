//! Named places where a drill stops the program, to show that nothing is lost there.
//!
//! Unarmed, a point costs one relaxed load. Armed by name it ends the process at once (no destructors, like `kill -9`)
//! or, for drills inside one process, returns [`StoreError::Crashed`].

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::StoreError;

/// What happens at an armed point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrashMode {
    /// The process ends at once.
    Abort,
    /// The caller gets an error; what it had not committed is gone.
    Error,
}

#[derive(Debug, Default)]
pub struct CrashPoints {
    active: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    armed: Option<(String, CrashMode, u32)>,
    recording: bool,
    seen: BTreeSet<&'static str>,
}

impl CrashPoints {
    /// Fires at the `nth` time (from 1) that the point of this name is passed, once.
    pub fn arm(&self, name: &str, nth: u32, mode: CrashMode) {
        let mut state = self.lock();
        state.armed = Some((name.to_owned(), mode, nth.max(1)));
        self.active.store(true, Ordering::Relaxed);
    }

    /// Remembers which points are passed from now on, so that a drill can visit each.
    pub fn record(&self) {
        self.lock().recording = true;
        self.active.store(true, Ordering::Relaxed);
    }

    /// The points passed since [`CrashPoints::record`], in order of name.
    pub fn seen(&self) -> Vec<&'static str> {
        self.lock().seen.iter().copied().collect()
    }

    /// Whether an armed point has not fired yet.
    pub fn is_armed(&self) -> bool {
        self.lock().armed.is_some()
    }

    /// A place worth dying at.
    ///
    /// # Errors
    /// Only when a drill armed this point with [`CrashMode::Error`].
    pub fn point(&self, name: &'static str) -> Result<(), StoreError> {
        if !self.active.load(Ordering::Relaxed) {
            return Ok(());
        }
        let mut state = self.lock();
        if state.recording {
            state.seen.insert(name);
        }
        let Some((armed, mode, nth)) = &mut state.armed else { return Ok(()) };
        if armed != name {
            return Ok(());
        }
        *nth -= 1;
        if *nth > 0 {
            return Ok(());
        }
        let mode = *mode;
        state.armed = None;
        match mode {
            CrashMode::Abort => std::process::abort(),
            CrashMode::Error => Err(StoreError::Crashed(name)),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock panics")
    }
}
