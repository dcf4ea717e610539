//! The endpoints of conversations.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kloud_base::Timestamp;
use kloud_http::{Json, Path, Problem, ProblemBody, Query, Someone};
use kloud_privacy::MemberId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::model::{ClientId, ConversationId, MessageId};
use crate::service::{Body, Chat, MessageView};
use crate::store::Range;

/// Everything below `/api` that is about conversations.
pub fn routes(chat: Chat) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_messages, create_message))
        .routes(routes!(get_message, update_message, delete_message))
        .with_state(chat)
}

/// What is left of what somebody wrote.
#[derive(Serialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum MessageBody {
    Open {
        text: String,
    },
    /// Taken away by its author or a host.
    Deleted,
    /// Its author was erased.
    Erased,
    /// It should open and does not.
    Broken,
}

#[derive(Serialize, ToSchema)]
pub struct Message {
    message_id: MessageId,
    seq: i64,
    sender_id: MemberId,
    /// `null` for a former participant.
    sender_name: Option<String>,
    is_you: bool,
    at: Timestamp,
    /// When it was last written anew.
    edited_at: Option<Timestamp>,
    body: MessageBody,
    /// For one's own messages only.
    client_id: Option<Uuid>,
}

impl From<MessageView> for Message {
    fn from(view: MessageView) -> Self {
        Self {
            message_id: view.id,
            seq: view.seq,
            sender_id: view.member,
            sender_name: view.sender_name,
            is_you: view.is_own,
            at: view.at,
            edited_at: view.edited_at,
            body: match view.body {
                Body::Open(text) => MessageBody::Open { text },
                Body::Deleted => MessageBody::Deleted,
                Body::Erased => MessageBody::Erased,
                Body::Broken => MessageBody::Broken,
            },
            client_id: view.is_own.then(|| view.client_id.as_uuid()),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListMessagesQuery {
    /// Those that come after this position.
    after: Option<i64>,
    /// The last ones before this position; without either, the very last.
    before: Option<i64>,
    /// 100 when it is not said, 200 at most.
    limit: Option<u64>,
}

#[derive(Serialize, ToSchema)]
pub struct ListMessagesResponse {
    messages: Vec<Message>,
    /// Whether there are more in that direction.
    more: bool,
}

/// Read a conversation
#[utoipa::path(get, path = "/conversations/{id}/messages", params(("id" = ConversationId, Path), ListMessagesQuery), responses((status = 200, body = ListMessagesResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
pub async fn list_messages(
    State(chat): State<Chat>,
    Someone(caller): Someone,
    Path(conversation): Path<ConversationId>,
    Query(query): Query<ListMessagesQuery>,
) -> Result<Json<ListMessagesResponse>, Problem> {
    let range = match query.after {
        Some(after) => Range::After(after),
        None => Range::Before(query.before),
    };
    let (messages, more) = chat.read(&caller, conversation, range, query.limit.unwrap_or(100)).await?;
    Ok(Json(ListMessagesResponse { messages: messages.into_iter().map(Into::into).collect(), more }))
}

#[derive(Deserialize, ToSchema)]
pub struct CreateMessageRequest {
    /// Made by the client; sending twice with the same one is sending once.
    client_id: Uuid,
    /// 1 to 4000 characters.
    text: String,
}

/// Write into a conversation
#[utoipa::path(post, path = "/conversations/{id}/messages", params(("id" = ConversationId, Path)), request_body = CreateMessageRequest, responses((status = 201, body = Message), (status = 200, body = Message), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
pub async fn create_message(
    State(chat): State<Chat>,
    Someone(caller): Someone,
    Path(conversation): Path<ConversationId>,
    Json(request): Json<CreateMessageRequest>,
) -> Result<impl IntoResponse, Problem> {
    let client_id = ClientId::from_uuid(request.client_id);
    let (view, is_new) = chat.send(&caller, conversation, client_id, &request.text).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(Message::from(view))))
}

/// One message
#[utoipa::path(get, path = "/conversations/{id}/messages/{message_id}", params(("id" = ConversationId, Path), ("message_id" = MessageId, Path)), responses((status = 200, body = Message), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
pub async fn get_message(
    State(chat): State<Chat>,
    Someone(caller): Someone,
    Path((conversation, message)): Path<(ConversationId, MessageId)>,
) -> Result<Json<Message>, Problem> {
    Ok(Json(chat.show_message(&caller, conversation, message).await?.into()))
}

#[derive(Deserialize, ToSchema)]
pub struct UpdateMessageRequest {
    /// 1 to 4000 characters.
    text: String,
}

/// Write a message of one's own anew
#[utoipa::path(patch, path = "/conversations/{id}/messages/{message_id}", params(("id" = ConversationId, Path), ("message_id" = MessageId, Path)), request_body = UpdateMessageRequest, responses((status = 200, body = Message), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
pub async fn update_message(
    State(chat): State<Chat>,
    Someone(caller): Someone,
    Path((conversation, message)): Path<(ConversationId, MessageId)>,
    Json(request): Json<UpdateMessageRequest>,
) -> Result<Json<Message>, Problem> {
    Ok(Json(chat.edit(&caller, conversation, message, &request.text).await?.into()))
}

/// Take a message away: one's own, or anybody's as a host
#[utoipa::path(delete, path = "/conversations/{id}/messages/{message_id}", params(("id" = ConversationId, Path), ("message_id" = MessageId, Path)), responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
pub async fn delete_message(
    State(chat): State<Chat>,
    Someone(caller): Someone,
    Path((conversation, message)): Path<(ConversationId, MessageId)>,
) -> Result<StatusCode, Problem> {
    chat.delete(&caller, conversation, message).await?;
    Ok(StatusCode::NO_CONTENT)
}
