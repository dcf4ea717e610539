//! The door: what one may know before coming in. Who must knock learns how many are inside, not who.

use kloud_http::Caller;
use kloud_privacy::purpose::Screen;
use kloud_privacy::purposes::ShowToAudience;
use kloud_privacy::{Actor, MemberId, Membership};

use super::{Meet, sitters};
use crate::error::MeetError;
use crate::model::{Admission, Code, MeetingState, SeatRole, SeatStatus, knocks};
use crate::store;

/// A door as one caller sees it.
#[derive(Clone, Debug)]
pub struct DoorView {
    pub code: Code,
    pub title: Option<String>,
    pub host_name: Option<String>,
    pub state: MeetingState,
    pub admission: Admission,
    pub inside: Inside,
    pub you: You,
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
    pub async fn door(&self, caller: &Caller, code: &Code) -> Result<DoorView, MeetError> {
        let row = self.by_code(code).await?;
        let seat = self.seat_of(caller, row.id).await?;
        let part = self.inner.spaces.part(row.space_id, &caller.subjects()).await?;
        let role = part.as_ref().map(|(_, part)| part.role);
        let must_knock = knocks(row.admission, role);
        let read = self.store().read().await?;
        let inside = store::seats(&read, row.id, &[SeatStatus::Admitted]).await?;
        let host_seat = store::seat_of_member(&read, row.host_member_id).await?;
        drop(read);

        let actor = sitters(caller).first().map_or(Actor::Job("door"), |sitter| Actor::Person(sitter.subject));
        let mut owners: Vec<MemberId> = vec![row.host_member_id];
        if !must_knock {
            owners.extend(inside.iter().map(|seat| seat.member_id));
        }
        let why = Membership::checked("meet.door", row.id.as_uuid());
        let grant = self.privacy().grant_many::<ShowToAudience>(actor, owners, why).await?;
        let title = row.title().map(|title| title.open(&grant)).transpose()?.and_then(|title| title.release(Screen));
        let host_name = match host_seat {
            Some(seat) => seat.open_name(&grant)?,
            None => None,
        };
        let names = if must_knock {
            None
        } else {
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
        let you = You { kind, name, role: role.map_or(SeatRole::Attendee, SeatRole::of), knocks: must_knock };
        let inside = Inside { count: inside.len(), names };
        Ok(DoorView { code: code.clone(), title, host_name, state: row.state, admission: row.admission, inside, you })
    }
}
