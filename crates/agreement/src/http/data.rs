//! What is held of a person, why, until when, from where, and who opened it.

use axum::extract::State;
use kloud_base::{DAY, Timestamp, text_enum};
use kloud_http::{Account, Json, Path, Problem, ProblemBody, Someone};
use kloud_privacy::inventory::Source;
use kloud_privacy::{Basis, CategoryName, Described, OpeningSeen, Retention, Shown, SubjectId};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::service::{Agreement, AgreementError};

#[derive(Serialize, ToSchema)]
pub struct HeldValue {
    /// Of this answer only.
    id: String,
    category: CategoryName,
    /// Stable, such as `account.nickname`.
    label: &'static str,
    /// Absent where nothing was given, or where `value_state` says why it is not shown.
    value: Option<String>,
    value_state: ValueState,
    /// What it may be opened for.
    purposes: Vec<&'static str>,
    basis: Basis,
    source: Source,
    retention: HeldRetention,
    /// Days, where retention counts days.
    retention_days: Option<u32>,
    editable: bool,
}

#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValueState {
    Open,
    /// Held and never shown to anybody: a credential.
    Hidden,
    Erased,
    Broken,
}

#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HeldRetention {
    AccountLife,
    ObjectLife,
    Days,
}

#[derive(Serialize, ToSchema)]
pub struct ListDataResponse {
    values: Vec<HeldValue>,
    total: usize,
}

/// What a person can change under *Profile*.
const EDITABLE: &[&str] =
    &["account.nickname", "account.real_name", "account.age_band", "account.language", "account.theme"];

fn held(index: usize, described: &Described) -> HeldValue {
    let column = &described.column;
    let (value_state, value) = match &described.value {
        Shown::Value(Value::Null) => (ValueState::Open, None),
        Shown::Value(Value::String(text)) => (ValueState::Open, Some(text.clone())),
        Shown::Value(other) => (ValueState::Open, Some(other.to_string())),
        Shown::Withheld => (ValueState::Hidden, None),
        Shown::Erased => (ValueState::Erased, None),
        Shown::Broken => (ValueState::Broken, None),
    };
    let (retention, retention_days) = match column.retention {
        Retention::AccountLife => (HeldRetention::AccountLife, None),
        Retention::ObjectLife => (HeldRetention::ObjectLife, None),
        Retention::Days { days, .. } => (HeldRetention::Days, Some(days)),
    };
    HeldValue {
        id: format!("{}#{index}", column.label),
        category: column.category,
        label: column.label,
        value,
        value_state,
        purposes: column.purposes.to_vec(),
        basis: column.basis,
        source: column.source,
        retention,
        retention_days,
        editable: EDITABLE.contains(&column.label),
    }
}

async fn all(agreement: &Agreement, subject: SubjectId) -> Result<Json<ListDataResponse>, AgreementError> {
    let described = agreement.my_data(subject).await?;
    let values: Vec<HeldValue> = described.iter().enumerate().map(|(index, one)| held(index, one)).collect();
    Ok(Json(ListDataResponse { total: values.len(), values }))
}

/// Everything held of the signed-in person
#[utoipa::path(get, path = "/me/data", responses((status = 200, body = ListDataResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn list_data(
    State(agreement): State<Agreement>,
    Account(actor): Account,
) -> Result<Json<ListDataResponse>, Problem> {
    Ok(all(&agreement, actor.subject).await?)
}

/// Everything held of a guest, by the cookie of the seat
#[utoipa::path(get, path = "/meetings/{code}/seat/data", params(("code" = String, Path)), responses((status = 200, body = ListDataResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("guest" = [])))]
pub async fn list_guest_data(
    State(agreement): State<Agreement>,
    Someone(caller): Someone,
    _code: Path<String>,
) -> Result<Json<ListDataResponse>, Problem> {
    let guest = caller.guest.ok_or_else(Problem::forbidden)?;
    Ok(all(&agreement, guest.subject).await?)
}

text_enum! {
    /// Who opened.
    pub enum OpenedBy {
        You = "you",
        Operator = "operator",
        PrivacyOfficer = "privacy_officer",
        System = "system",
    }
}

#[derive(Serialize, ToSchema)]
pub struct Opening {
    /// The moment, or the beginning of the day.
    at: Timestamp,
    /// Whether `at` is a moment.
    exact: bool,
    purpose: String,
    role: OpenedBy,
    name: Option<String>,
    reason: Option<String>,
    count: i64,
}

impl From<OpeningSeen> for Opening {
    fn from(seen: OpeningSeen) -> Self {
        match seen {
            OpeningSeen::Day { purpose, day, count } => Self {
                at: Timestamp::from_millis(day * DAY),
                exact: false,
                purpose,
                role: OpenedBy::System,
                name: None,
                reason: None,
                count,
            },
            OpeningSeen::Named { purpose, at, detail } => {
                let detail = match detail {
                    Shown::Value(value) => value,
                    Shown::Withheld | Shown::Erased | Shown::Broken => Value::Null,
                };
                let text = |name: &str| detail.get(name).and_then(Value::as_str).map(str::to_owned);
                Self {
                    at,
                    exact: true,
                    purpose,
                    role: text("role").and_then(|role| role.parse().ok()).unwrap_or(OpenedBy::System),
                    name: text("name"),
                    reason: text("reason"),
                    count: 1,
                }
            }
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ListOpeningsResponse {
    openings: Vec<Opening>,
    /// Where others see what one puts before them: the membership with its dates is the record.
    memberships: Vec<SharedPlace>,
}

#[derive(Serialize, ToSchema)]
pub struct SharedPlace {
    since: Timestamp,
    /// Absent while it goes on.
    until: Option<Timestamp>,
}

fn times(held: &[Described], label: &str) -> Vec<Option<Timestamp>> {
    let of_label = held.iter().filter(|one| one.column.label == label);
    let time = |one: &Described| match &one.value {
        Shown::Value(value) => serde_json::from_value(value.clone()).ok(),
        Shown::Withheld | Shown::Erased | Shown::Broken => None,
    };
    of_label.map(time).collect()
}

/// The memberships among what is held.
fn memberships(held: &[Described]) -> Vec<SharedPlace> {
    let both = times(held, "membership.since").into_iter().zip(times(held, "membership.until"));
    both.filter_map(|(since, until)| since.map(|since| SharedPlace { since, until })).collect()
}

/// Who opened what belongs to the signed-in person
#[utoipa::path(get, path = "/me/data/openings", responses((status = 200, body = ListOpeningsResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn list_openings(
    State(agreement): State<Agreement>,
    Account(actor): Account,
) -> Result<Json<ListOpeningsResponse>, Problem> {
    let openings = agreement.openings(actor.subject).await?.into_iter().map(Into::into).collect();
    let memberships = memberships(&agreement.my_data(actor.subject).await?);
    Ok(Json(ListOpeningsResponse { openings, memberships }))
}
