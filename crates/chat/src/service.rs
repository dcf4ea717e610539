//! Conversations: begun, written to, read, ended.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use axum::http::StatusCode;
use kloud_base::{Clock, Rng, Timestamp};
use kloud_http::{Caller, Problem};
use kloud_privacy::purpose::Screen;
use kloud_privacy::purposes::ShowToAudience;
use kloud_privacy::{MemberId, Open, Privacy, PrivacyError};
use kloud_spaces::model::{Action, SpaceId, may};
use kloud_spaces::{Authorised, Spaces, SpacesError};
use kloud_store::{NewEvent, Read, Store, StoreError, StreamId, Tx};

use crate::model::{ClientId, ConversationId, MessageId, PAGE_MAX, parse_text};
use crate::store::{self, Range, conversation, message};

/// Why chat did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    #[error("the text is {0}")]
    Text(&'static str),
    #[error("not found")]
    NotFound,
    /// Refused with a code of its own.
    #[error("{0}")]
    Refused(&'static str),
    #[error(transparent)]
    Spaces(#[from] SpacesError),
}

impl From<PrivacyError> for ChatError {
    fn from(error: PrivacyError) -> Self {
        Self::Spaces(error.into())
    }
}

impl From<StoreError> for ChatError {
    fn from(error: StoreError) -> Self {
        Self::Spaces(error.into())
    }
}

impl From<ChatError> for Problem {
    fn from(error: ChatError) -> Self {
        match error {
            ChatError::Text(reason) => Self::invalid("text", reason),
            ChatError::NotFound => Self::not_found(),
            ChatError::Refused(code) => Self::new(StatusCode::FORBIDDEN, code),
            ChatError::Spaces(error) => error.into(),
        }
    }
}

/// Port: the people of a space, as whoever made the space knows them.
#[async_trait]
pub trait ChatPeople: Send + Sync {
    /// The names that can still be opened; whoever is missing is a former participant.
    async fn names(&self, reader: &Authorised, members: &[MemberId])
    -> Result<HashMap<MemberId, String>, PrivacyError>;

    /// Why one who has a part may not write now, as a code; `None` when they may.
    async fn refusal(&self, author: &Authorised) -> Result<Option<&'static str>, PrivacyError>;
}

/// A message as a reader sees it.
#[derive(Clone, Debug)]
pub struct MessageView {
    pub id: MessageId,
    pub seq: i64,
    pub member: MemberId,
    pub sender_name: Option<String>,
    pub is_own: bool,
    pub at: Timestamp,
    pub edited_at: Option<Timestamp>,
    pub body: Body,
    pub client_id: ClientId,
}

/// What is left of what somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    Open(String),
    /// Taken away by its author or a host.
    Deleted,
    Erased,
    Broken,
}

/// Everything of chat. Cheap to clone.
#[derive(Clone)]
pub struct Chat {
    inner: Arc<Inner>,
}

struct Inner {
    privacy: Privacy,
    spaces: Spaces,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    people: Arc<dyn ChatPeople>,
}

impl Chat {
    pub fn new(
        privacy: Privacy,
        spaces: Spaces,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
        people: Arc<dyn ChatPeople>,
    ) -> Self {
        Self { inner: Arc::new(Inner { privacy, spaces, clock, rng, people }) }
    }

    pub(crate) fn store(&self) -> &Store {
        self.inner.privacy.rows()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// Whether a caller may watch a conversation, and its stream.
    pub async fn stream_for(&self, caller: &Caller, id: ConversationId) -> Result<Option<StreamId>, ChatError> {
        match self.authorise(caller, id, Action::ReadConversation).await {
            Ok((row, _)) => Ok(Some(row.stream_id)),
            Err(ChatError::NotFound | ChatError::Spaces(SpacesError::NotFound | SpacesError::Forbidden)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sends a message; the second of two with the same `client_id` gives back the first. `true` when it is new.
    pub async fn send(
        &self,
        caller: &Caller,
        id: ConversationId,
        client_id: ClientId,
        text: &str,
    ) -> Result<(MessageView, bool), ChatError> {
        let text = parse_text(text).map_err(ChatError::Text)?;
        let (row, authorised) = self.author(caller, id).await?;
        let sealer = self.inner.privacy.sealer(authorised.subject).await?;
        let now = self.now();
        let mut tx = self.store().begin().await?;
        if let Some(sent) = store::find_sent(&tx, authorised.member, client_id).await? {
            drop(tx);
            return Ok((self.show_one(&authorised, sent).await?, false));
        }
        let seq = store::next_seq(&mut tx, id).await?.ok_or(ChatError::NotFound)?;
        let message_id = MessageId::new(now, &*self.inner.rng);
        let new = message::Model {
            id: message_id,
            conversation_id: id,
            seq,
            member_id: authorised.member,
            client_id,
            body: Some(message::Model::seal_body(&sealer, message_id, &text)?),
            sent_at: now,
            edited_at: None,
            deleted_at: None,
        };
        match store::insert_message(&mut tx, new.clone()).await {
            // On PostgreSQL the same message may be on its way twice at once.
            Err(error) if error.is_unique_violation() => {
                drop(tx);
                let read = self.store().read().await?;
                let sent = store::find_sent(&read, authorised.member, client_id).await?.ok_or(ChatError::NotFound)?;
                return Ok((self.show_one(&authorised, sent).await?, false));
            }
            other => other?,
        }
        tx.append(row.stream_id, NewEvent::new("message.sent").id("message_id", message_id), now).await?;
        self.store().crash_points().point("chat.before-commit")?;
        tx.commit().await?;
        Ok((self.show_one(&authorised, new).await?, true))
    }

    /// Writes a message of one's own anew.
    pub async fn edit(
        &self,
        caller: &Caller,
        id: ConversationId,
        message: MessageId,
        text: &str,
    ) -> Result<MessageView, ChatError> {
        let text = parse_text(text).map_err(ChatError::Text)?;
        let (conversation, author) = self.author(caller, id).await?;
        let sealer = self.inner.privacy.sealer(author.subject).await?;
        let tx = self.store().begin().await?;
        let found = store::find_message(&tx, id, message).await?.filter(|row| row.body.is_some());
        let mut row = found.ok_or(ChatError::NotFound)?;
        if row.member_id != author.member {
            return Err(ChatError::Spaces(SpacesError::Forbidden));
        }
        row.body = Some(message::Model::seal_body(&sealer, message, &text)?);
        row.edited_at = Some(self.now());
        self.save_changed(tx, conversation.stream_id, row.clone()).await?;
        self.show_one(&author, row).await
    }

    /// Takes a message away: one's own, or anybody's where one manages people. Its place stays.
    pub async fn delete(&self, caller: &Caller, id: ConversationId, message: MessageId) -> Result<(), ChatError> {
        let (conversation, reader) = self.authorise(caller, id, Action::ReadConversation).await?;
        let tx = self.store().begin().await?;
        let mut row = store::find_message(&tx, id, message).await?.ok_or(ChatError::NotFound)?;
        if row.member_id != reader.member && !may(Some(reader.role), Action::ManagePeople) {
            return Err(ChatError::Spaces(SpacesError::Forbidden));
        }
        if row.body.take().is_none() {
            return Ok(());
        }
        row.deleted_at = Some(self.now());
        self.save_changed(tx, conversation.stream_id, row).await
    }

    async fn save_changed(&self, mut tx: Tx, stream: StreamId, row: message::Model) -> Result<(), ChatError> {
        let event = NewEvent::new("message.changed").id("message_id", row.id);
        store::save_message(&mut tx, row).await?;
        tx.append(stream, event, self.now()).await?;
        Ok(tx.commit().await?)
    }

    /// One message.
    pub async fn show_message(
        &self,
        caller: &Caller,
        id: ConversationId,
        message: MessageId,
    ) -> Result<MessageView, ChatError> {
        let (_, reader) = self.authorise(caller, id, Action::ReadConversation).await?;
        let row = store::find_message(&self.store().read().await?, id, message).await?.ok_or(ChatError::NotFound)?;
        self.show_one(&reader, row).await
    }

    /// Who wrote what is still there in a conversation, and how many messages that is.
    pub async fn authors(&self, read: &Read, id: ConversationId) -> Result<(Vec<MemberId>, u64), ChatError> {
        Ok(store::authors(read, id).await?)
    }

    /// Takes away all that somebody wrote in a conversation, in the caller's transaction.
    pub async fn take_away(&self, tx: &mut Tx, id: ConversationId, member: MemberId) -> Result<(), ChatError> {
        let Some(conversation) = store::find_conversation(tx, id).await? else { return Ok(()) };
        for message in store::take_away(tx, id, member, self.now()).await? {
            let event = NewEvent::new("message.changed").id("message_id", message);
            tx.append(conversation.stream_id, event, self.now()).await?;
        }
        Ok(())
    }

    /// At most `limit` messages, in order, and whether there are more in that direction.
    pub async fn read(
        &self,
        caller: &Caller,
        id: ConversationId,
        range: Range,
        limit: u64,
    ) -> Result<(Vec<MessageView>, bool), ChatError> {
        let (_, authorised) = self.authorise(caller, id, Action::ReadConversation).await?;
        let limit = limit.clamp(1, PAGE_MAX);
        let read = self.store().read().await?;
        let mut rows = store::messages(&read, id, range, limit + 1).await?;
        drop(read);
        let more = rows.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        if more {
            match range {
                Range::After(_) => rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX)),
                Range::Before(_) => drop(rows.remove(0)),
            }
        }
        Ok((self.show(&authorised, rows).await?, more))
    }

    /// Begins a conversation in a space, in the caller's transaction.
    pub async fn begin(&self, tx: &mut Tx, space: SpaceId) -> Result<ConversationId, ChatError> {
        let now = self.now();
        let id = ConversationId::new(now, &*self.inner.rng);
        let stream_id = StreamId::random(&*self.inner.rng);
        let row =
            conversation::Model { id, space_id: space, stream_id, last_seq: 0, kept_until: None, created_at: now };
        store::insert_conversation(tx, row).await?;
        Ok(id)
    }

    /// Says until when everything in a conversation is kept; `None` while it goes on.
    pub async fn keep_until(&self, tx: &mut Tx, id: ConversationId, until: Option<Timestamp>) -> Result<(), ChatError> {
        Ok(store::set_kept_until(tx, id, until).await?)
    }

    /// Until when it is kept.
    pub async fn kept_until(&self, id: ConversationId) -> Result<Option<Timestamp>, ChatError> {
        let read = self.store().read().await?;
        Ok(store::find_conversation(&read, id).await?.and_then(|row| row.kept_until))
    }

    /// One who may write there now.
    async fn author(
        &self,
        caller: &Caller,
        id: ConversationId,
    ) -> Result<(conversation::Model, Authorised), ChatError> {
        let (row, author) = self.authorise(caller, id, Action::Post).await?;
        match self.inner.people.refusal(&author).await? {
            Some(code) => Err(ChatError::Refused(code)),
            None => Ok((row, author)),
        }
    }

    async fn authorise(
        &self,
        caller: &Caller,
        id: ConversationId,
        action: Action,
    ) -> Result<(conversation::Model, Authorised), ChatError> {
        let read = self.store().read().await?;
        let row = store::find_conversation(&read, id).await?.ok_or(ChatError::NotFound)?;
        drop(read);
        let authorised = self.inner.spaces.authorise(row.space_id, &caller.subjects(), action).await?;
        Ok((row, authorised))
    }

    async fn show_one(&self, reader: &Authorised, row: message::Model) -> Result<MessageView, ChatError> {
        Ok(self.show(reader, vec![row]).await?.pop().expect("one row is one view"))
    }

    async fn show(&self, reader: &Authorised, rows: Vec<message::Model>) -> Result<Vec<MessageView>, ChatError> {
        let mut members: Vec<MemberId> = rows.iter().map(|row| row.member_id).collect();
        members.sort_unstable();
        members.dedup();
        let names = self.inner.people.names(reader, &members).await?;
        let grant =
            self.inner.privacy.grant_many::<ShowToAudience>(reader.subject, members, reader.membership()).await?;
        rows.into_iter()
            .map(|row| {
                let body = match row.body().map(|body| body.open(&grant)).transpose()? {
                    Some(Open::Opened(text)) => Body::Open(text.release(Screen)),
                    None if row.deleted_at.is_some() => Body::Deleted,
                    Some(Open::Erased) | None => Body::Erased,
                    Some(Open::Broken) => Body::Broken,
                };
                Ok(MessageView {
                    id: row.id,
                    seq: row.seq,
                    member: row.member_id,
                    sender_name: names.get(&row.member_id).cloned(),
                    is_own: row.member_id == reader.member,
                    at: row.sent_at,
                    edited_at: row.edited_at,
                    body,
                    client_id: row.client_id,
                })
            })
            .collect()
    }
}
