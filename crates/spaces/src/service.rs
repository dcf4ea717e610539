//! Spaces: made, entered, left; and the proof that somebody may.

use std::sync::Arc;

use kloud_base::{Clock, Rng};
use kloud_http::Problem;
use kloud_privacy::{MemberId, Membership, Privacy, PrivacyError, Revoked, SubjectId};
use kloud_store::{Read, Store, StoreError, StreamId, Tx};

use crate::model::{Action, Role, SpaceId, SpaceKind, may};
use crate::store::{self, SpaceMemberView, SpaceView, space, space_member};

/// Why spaces did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum SpacesError {
    /// The caller has no part in it, so it is not there for them.
    #[error("not found")]
    NotFound,
    /// The caller has a part in it, but not this right.
    #[error("forbidden")]
    Forbidden,
    #[error(transparent)]
    Privacy(#[from] PrivacyError),
}

impl From<StoreError> for SpacesError {
    fn from(error: StoreError) -> Self {
        Self::Privacy(error.into())
    }
}

impl From<SpacesError> for Problem {
    fn from(error: SpacesError) -> Self {
        match error {
            SpacesError::NotFound => Self::not_found(),
            SpacesError::Forbidden => Self::forbidden(),
            SpacesError::Privacy(error) => Self::internal(&error),
        }
    }
}

/// Proof that somebody may do something in a space: the rule was checked.
#[derive(Clone, Debug)]
pub struct Authorised {
    pub space: SpaceView,
    /// Who asked; of several that a caller is, the one with the part.
    pub subject: SubjectId,
    pub member: MemberId,
    pub role: Role,
}

impl Authorised {
    /// The evidence for opening what the space's people share.
    pub fn membership(&self) -> Membership {
        Membership::checked("spaces.may", self.space.id.as_uuid())
    }
}

/// Everything of spaces. Cheap to clone.
#[derive(Clone)]
pub struct Spaces {
    inner: Arc<Inner>,
}

struct Inner {
    privacy: Privacy,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
}

impl Spaces {
    pub fn new(privacy: Privacy, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        Self { inner: Arc::new(Inner { privacy, clock, rng }) }
    }

    fn store(&self) -> &Store {
        self.inner.privacy.rows()
    }

    /// Makes a space with its first owner, whose stand-in was made for it.
    pub async fn create(&self, tx: &mut Tx, kind: SpaceKind, owner: MemberId) -> Result<SpaceView, SpacesError> {
        let now = self.inner.clock.now();
        let row = space::Model {
            id: SpaceId::new(now, &*self.inner.rng),
            kind,
            stream_id: StreamId::random(&*self.inner.rng),
            created_at: now,
        };
        store::insert_space(tx, row.clone()).await?;
        self.give(tx, row.id, owner, Role::Owner).await?;
        Ok(row)
    }

    /// Gives somebody a part, by a stand-in that was made for this space; a part they have or had gets this role.
    pub async fn give(&self, tx: &mut Tx, space: SpaceId, member: MemberId, role: Role) -> Result<(), SpacesError> {
        if store::set_role(tx, member, role).await? {
            return Ok(());
        }
        let since = self.inner.clock.now();
        let row = space_member::Model { member_id: member, space_id: space, role, since, until: None };
        Ok(store::insert_member(tx, row).await?)
    }

    /// Ends somebody's part; tell with [`Spaces::tell_ended`] after the commit.
    pub async fn end(&self, tx: &mut Tx, member: MemberId) -> Result<(), SpacesError> {
        Ok(store::set_until(tx, member, Some(self.inner.clock.now())).await?)
    }

    /// Tells sockets that a part is over.
    pub fn tell_ended(&self, space: SpaceId, member: MemberId) {
        self.inner.privacy.revoke(Revoked::Membership { group: space.as_uuid(), member });
    }

    pub async fn find(&self, read: &Read, id: SpaceId) -> Result<Option<SpaceView>, SpacesError> {
        Ok(store::find_space(read, id).await?)
    }

    pub async fn members(&self, read: &Read, space: SpaceId) -> Result<Vec<SpaceMemberView>, SpacesError> {
        Ok(store::members_of_space(read, space).await?)
    }

    /// All parts that somebody has or had.
    pub async fn memberships(&self, subject: SubjectId) -> Result<Vec<SpaceMemberView>, SpacesError> {
        let members = self.inner.privacy.members_of(subject).await?;
        let read = self.store().read().await?;
        Ok(store::memberships(&read, &members).await?)
    }

    /// What part somebody has in a space now; the first of `subjects` that has one.
    pub async fn part(
        &self,
        space: SpaceId,
        subjects: &[SubjectId],
    ) -> Result<Option<(SubjectId, SpaceMemberView)>, SpacesError> {
        for subject in subjects {
            let members = self.inner.privacy.members_of(*subject).await?;
            let read = self.store().read().await?;
            let mine = store::memberships(&read, &members).await?;
            if let Some(part) = mine.into_iter().find(|part| part.space_id == space && part.until.is_none()) {
                return Ok(Some((*subject, part)));
            }
        }
        Ok(None)
    }

    /// The one access rule, asked of rows.
    ///
    /// # Errors
    /// [`SpacesError::NotFound`] for who has no part, [`SpacesError::Forbidden`] for who has too little.
    pub async fn authorise(
        &self,
        space: SpaceId,
        subjects: &[SubjectId],
        action: Action,
    ) -> Result<Authorised, SpacesError> {
        let Some((subject, part)) = self.part(space, subjects).await? else { return Err(SpacesError::NotFound) };
        if !may(Some(part.role), action) {
            return Err(SpacesError::Forbidden);
        }
        let read = self.store().read().await?;
        let space = store::find_space(&read, space).await?.ok_or(SpacesError::NotFound)?;
        Ok(Authorised { space, subject, member: part.member_id, role: part.role })
    }
}
