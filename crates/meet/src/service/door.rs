//! The door: what one may know before coming in. Who must knock learns how many are inside, not who.

use kloud_base::{Timestamp, text_enum};
use kloud_http::Caller;
use kloud_privacy::purposes::ShowToAudience;
use kloud_privacy::{Actor, MemberId, Membership};
use kloud_spaces::model::Role;

use super::{Meet, sitters};
use crate::error::MeetError;
use crate::model::{Admission, Code, MeetingState, Policy, Schedule, SeatRole, SeatStatus, knocks};
use crate::store;

/// A door as one caller sees it.
#[derive(Clone, Debug)]
pub struct DoorView {
    pub code: Code,
    pub title: Option<String>,
    pub host_name: Option<String>,
    pub state: MeetingState,
    pub admission: Admission,
    pub schedule: Option<Schedule>,
    /// When what goes on now began.
    pub started_at: Option<Timestamp>,
    pub policy: Policy,
    /// Why the link opens nothing for this caller, if it does not.
    pub refusal: Option<DoorRefusal>,
    pub passcode_needed: bool,
    pub inside: Inside,
    pub you: You,
    /// The host that sound and picture go by, if it is not this server.
    pub media_elsewhere: Option<String>,
}

text_enum! {
    /// Why a link opens nothing.
    pub enum DoorRefusal { Locked = "locked", Expired = "expired", Banned = "banned" }
}

/// Who is inside.
#[derive(Clone, Debug)]
pub struct Inside {
    pub count: usize,
    /// Absent for whoever must knock.
    pub names: Option<Vec<String>>,
}

/// What the caller is here.
#[derive(Clone, Debug)]
pub struct You {
    /// `account`, `guest` or `nobody`.
    pub kind: &'static str,
    pub name: Option<String>,
    pub role: SeatRole,
    pub knocks: bool,
}

impl Meet {
    /// Looks at a door. Whoever has the link was given it, so the host's name and the title are shown to them.
    pub async fn door(&self, caller: &Caller, code: &Code, mark: Option<&str>) -> Result<DoorView, MeetError> {
        let row = self.by_code(code).await?;
        let seat = self.seat_of(caller, row.id).await?;
        let part = self.inner.spaces.part(row.space_id, &caller.subjects()).await?;
        let role = part.as_ref().map(|(_, part)| part.role);
        let must_knock = knocks(row.admission, role);
        let read = self.store().read().await?;
        let inside = store::seats(&read, row.id, &[SeatStatus::Admitted]).await?;
        let sitting = match row.sitting {
            Some(sitting) => store::find_sitting(&read, sitting).await?,
            None => None,
        };
        drop(read);

        let actor = sitters(caller).first().map_or(Actor::Job("door"), |sitter| Actor::Person(sitter.subject));
        let (title, host_name, _) = self.door_words(actor, &row).await?;
        let is_banned = seat.as_ref().is_some_and(|(_, seat)| seat.status == SeatStatus::Banned)
            || (part.is_none() && self.carries_ban(&row, mark).await?);
        let refusal = if is_banned {
            Some(DoorRefusal::Banned)
        } else if part.is_some() {
            None
        } else {
            self.check_open(&row).err().map(|_| if row.locked { DoorRefusal::Locked } else { DoorRefusal::Expired })
        };
        // Who needs more than the link learns no names.
        let passcode_needed = row.passcode.is_some() && part.is_none() && seat.is_none();
        let names = if must_knock || passcode_needed || refusal.is_some() {
            None
        } else {
            let owners: Vec<MemberId> = inside.iter().map(|seat| seat.member_id).collect();
            let why = Membership::checked("meet.door", row.id.as_uuid());
            let grant = self.privacy().grant_many::<ShowToAudience>(actor, owners, why).await?;
            let mut names = Vec::with_capacity(inside.len());
            for seat in &inside {
                names.extend(seat.open_name(&grant)?);
            }
            Some(names)
        };
        let (kind, name) = match (&seat, &caller.account) {
            (Some((sitter, row)), _) if sitter.is_guest => ("guest", Some(self.own_name(sitter.subject, row).await?)),
            (Some(_) | None, Some(account)) => ("account", self.inner.identity.own_nickname(account.subject).await?),
            (Some((sitter, row)), None) => ("guest", Some(self.own_name(sitter.subject, row).await?)),
            (None, None) => ("nobody", None),
        };
        let your_role = match &seat {
            Some((_, seat)) => seat.role_in(&row),
            None if role == Some(Role::Owner) => SeatRole::Host,
            None => SeatRole::Attendee,
        };
        let you = You { kind, name, role: your_role, knocks: must_knock };
        let inside = Inside { count: inside.len(), names };
        Ok(DoorView {
            code: code.clone(),
            title,
            host_name,
            state: row.state,
            admission: row.admission,
            schedule: row.schedule(),
            started_at: sitting.map(|sitting| sitting.started_at),
            policy: row.policy(),
            refusal,
            passcode_needed,
            inside,
            you,
            media_elsewhere: self.inner.media.elsewhere().map(str::to_owned),
        })
    }
}
