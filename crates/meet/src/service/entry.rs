//! Who may come in: the lock, the time, the passcode, the bans, the number.

use kloud_base::random_bytes;
use kloud_http::Caller;
use kloud_identity::Place;
use kloud_privacy::{Actor, MemberId};
use kloud_spaces::model::Role;
use sha2::{Digest, Sha256};

use super::{Meet, sitters};
use crate::error::MeetError;
use crate::model::{BanId, Code, SEATS_MAX, SeatStatus, WAITING_MAX, knocks};
use crate::store::{self, ban, meeting, seat};

/// What somebody brings to the door beside the link.
pub struct Knock<'a> {
    pub name: Option<String>,
    pub passcode: Option<String>,
    /// Which version of what the meeting keeps they were shown.
    pub policy: Option<i64>,
    /// The mark that a ban left in their browser.
    pub mark: Option<&'a str>,
    pub place: &'a Place,
}

/// Marks kept of one person who was put out for good: a browser has one, and a person a few browsers.
const MARKS_MAX: usize = 16;

impl Meet {
    /// Whether somebody without a seat may come to the door at all.
    pub(crate) async fn check_entry(
        &self,
        caller: &Caller,
        meeting: &meeting::Model,
        part: Option<Role>,
        knock: &Knock<'_>,
    ) -> Result<(), MeetError> {
        if part.is_some() {
            return Ok(());
        }
        if self.carries_ban(meeting, knock.mark).await? {
            return Err(MeetError::Refused("banned"));
        }
        self.check_open(meeting)?;
        self.check_passcode(caller, meeting, knock).await
    }

    pub(crate) async fn carries_ban(&self, meeting: &meeting::Model, mark: Option<&str>) -> Result<bool, MeetError> {
        let Some(mark) = mark else { return Ok(false) };
        Ok(store::is_banned(&self.store().read().await?, meeting.id, &hash(mark)).await?)
    }

    /// Whether the link opens anything for who has no part.
    pub(crate) fn check_open(&self, meeting: &meeting::Model) -> Result<(), MeetError> {
        if meeting.locked {
            return Err(MeetError::Refused("meeting_locked"));
        }
        match meeting.expires_at {
            Some(at) if at <= self.now() => Err(MeetError::Refused("expired")),
            Some(_) | None => Ok(()),
        }
    }

    async fn check_passcode(
        &self,
        caller: &Caller,
        meeting: &meeting::Model,
        knock: &Knock<'_>,
    ) -> Result<(), MeetError> {
        if meeting.passcode.is_none() {
            return Ok(());
        }
        let Some(typed) = &knock.passcode else { return Err(MeetError::Refused("passcode_needed")) };
        let (key, now) = ((meeting.id, knock.place.address), self.now());
        let pause = self.inner.guesses.wait(&key, now);
        if pause > 0 {
            return Err(MeetError::TooManyAttempts(pause));
        }
        let actor = sitters(caller).first().map_or(Actor::Job("door"), |sitter| Actor::Person(sitter.subject));
        let (_, _, code) = self.door_words(actor, meeting).await?;
        // Hashes, so that the time it takes tells nothing of the code.
        if code.is_some_and(|code| hash(&code) == hash(typed.trim())) {
            self.inner.guesses.succeeded(&key);
            return Ok(());
        }
        self.inner.guesses.failed(key, now);
        Err(MeetError::Refused("wrong_passcode"))
    }

    /// Whether a newcomer waits: because they knock, or because the host's number is reached.
    pub(crate) async fn must_wait(&self, meeting: &meeting::Model, part: Option<Role>) -> Result<bool, MeetError> {
        let read = self.store().read().await?;
        let inside = store::count_seats(&read, meeting.id, SeatStatus::Admitted).await?;
        let waiting = store::count_seats(&read, meeting.id, SeatStatus::Waiting).await?;
        if inside >= SEATS_MAX || waiting >= WAITING_MAX {
            return Err(MeetError::Refused("meeting_full"));
        }
        let is_full = meeting.cap.and_then(|cap| u64::try_from(cap).ok()).is_some_and(|cap| inside >= cap);
        Ok(knocks(meeting.admission, part) || (part.is_none() && is_full))
    }

    /// Marks the browser of one who was put out for good, so that another name does not help. Gives the mark if it is
    /// a new one.
    pub async fn mark(&self, caller: &Caller, code: &Code, mark: Option<&str>) -> Result<Option<String>, MeetError> {
        let meeting = self.by_code(code).await?;
        let Some((_, seat)) = self.seat_of(caller, meeting.id).await? else { return Ok(None) };
        if seat.status != SeatStatus::Banned || self.carries_ban(&meeting, mark).await? {
            return Ok(None);
        }
        let fresh = || data_encoding::BASE64URL_NOPAD.encode(&random_bytes::<16>(self.rng()));
        let (text, is_new) = mark.map_or_else(|| (fresh(), true), |mark| (mark.to_owned(), false));
        let row = self.ban_row(&meeting, &seat, &text);
        let mut tx = self.store().begin().await?;
        if store::bans_of_members(&tx, &[seat.member_id]).await?.len() >= MARKS_MAX {
            return Ok(None);
        }
        store::insert_ban(&mut tx, row).await?;
        tx.commit().await?;
        Ok(is_new.then_some(text))
    }

    fn ban_row(&self, meeting: &meeting::Model, seat: &seat::Model, mark: &str) -> ban::Model {
        let (now, member_id): (_, MemberId) = (self.now(), seat.member_id);
        let id = BanId::new(now, self.rng());
        ban::Model { id, meeting_id: meeting.id, member_id, mark_hash: hash(mark), created_at: now }
    }
}

fn hash(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}
