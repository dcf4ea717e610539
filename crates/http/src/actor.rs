//! Who calls. Found once at the edge, handed to handlers as an argument, never looked up again.

use async_trait::async_trait;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use kloud_base::{Timestamp, typed_id};
use kloud_privacy::SubjectId;
use kloud_store::StoreError;

use crate::Problem;

typed_id!(
    /// One sign-in on one device. Ending it ends its sockets and its media.
    SessionId,
    "ses"
);

/// A person who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountActor {
    pub subject: SubjectId,
    pub session: SessionId,
    /// Runs this instance. Gives no right to read what people wrote.
    pub is_operator: bool,
    pub signed_in_at: Timestamp,
    /// When they last showed their password.
    pub reauthenticated_at: Timestamp,
}

/// A person in one place without an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestActor {
    pub subject: SubjectId,
    pub session: SessionId,
}

/// What a request's cookies prove. A browser may hold both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    pub account: Option<AccountActor>,
    pub guest: Option<GuestActor>,
}

impl Caller {
    /// Everybody this caller is, account first.
    pub fn subjects(&self) -> Vec<SubjectId> {
        let account = self.account.as_ref().map(|account| account.subject);
        let guest = self.guest.as_ref().map(|guest| guest.subject);
        account.into_iter().chain(guest).collect()
    }

    /// The sessions behind it.
    pub fn sessions(&self) -> Vec<SessionId> {
        let account = self.account.as_ref().map(|account| account.session);
        let guest = self.guest.as_ref().map(|guest| guest.session);
        account.into_iter().chain(guest).collect()
    }

    pub fn is_nobody(&self) -> bool {
        self.account.is_none() && self.guest.is_none()
    }
}

/// The secrets a request brings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tokens<'a> {
    pub account: Option<&'a str>,
    pub guest: Option<&'a str>,
}

/// Port: finds out who holds a token. Implemented by identity.
#[async_trait]
pub trait Authenticate: Send + Sync {
    /// A token that is unknown, ended or malformed proves nothing and is no error.
    async fn authenticate(&self, tokens: Tokens<'_>) -> Result<Caller, StoreError>;
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// Extractor: a signed-in account, else 401.
#[derive(Clone, Debug)]
pub struct Account(pub AccountActor);

impl<S: Send + Sync> FromRequestParts<S> for Account {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Ok(caller) = Caller::from_request_parts(parts, state).await;
        caller.account.map(Self).ok_or_else(Problem::unauthenticated)
    }
}

/// Extractor: a signed-in operator, else 401 or 403.
#[derive(Clone, Debug)]
pub struct Operator(pub AccountActor);

impl<S: Send + Sync> FromRequestParts<S> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Account(actor) = Account::from_request_parts(parts, state).await?;
        if actor.is_operator { Ok(Self(actor)) } else { Err(Problem::forbidden()) }
    }
}

/// Extractor: an account or a guest, else 401.
#[derive(Clone, Debug)]
pub struct Someone(pub Caller);

impl<S: Send + Sync> FromRequestParts<S> for Someone {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Ok(caller) = Caller::from_request_parts(parts, state).await;
        if caller.is_nobody() { Err(Problem::unauthenticated()) } else { Ok(Self(caller)) }
    }
}
