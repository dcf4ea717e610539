//! What every endpoint shares: who calls, how a refusal looks, limits, headers, the event socket, and the
//! listener below them.
//!
//! The way of a request: parse, authorise, begin, service, commit, answer. The ground asks what it does not know
//! through ports ([`Authenticate`], [`MayWatch`]) that the slices implement and the server hands in.
//! What it deliberately does not do: know any product word, or decide who may do what.

mod actor;
mod address;
mod cookies;
mod events;
mod extract;
mod headers;
pub mod limits;
mod listen;
mod middleware;
mod problem;
mod taken;

pub use actor::{Account, AccountActor, Authenticate, Caller, GuestActor, Operator, SessionId, Someone, Tokens};
pub use address::AddressPrefix;
pub use cookies::Cookie;
pub use events::{EventSockets, MayWatch};
pub use extract::{Json, Path, Query};
pub use headers::PageKind;
pub use listen::{Door, Duplex, Let, Patience, serve};
pub use middleware::{Guard, guard};
pub use problem::{Problem, ProblemBody};
