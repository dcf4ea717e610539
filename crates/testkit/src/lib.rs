//! The world for tests: time and randomness by hand, both database engines.
//!
//! A dev-dependency only. Knows the ground; a slice's tests hand it the slices they need.

mod engines;
mod mutate;
mod time;

pub use engines::{TestDatabases, fresh};
pub use mutate::{mutations, replay};
pub use time::{ManualClock, SeededRng};

/// Makes one test for each engine out of one `async fn(db: kloud_testkit::TestDatabases)`.
///
/// ```text
/// both_engines! {
///     async fn a_row_survives(db: TestDatabases) { … }
/// }
/// ```
#[macro_export]
macro_rules! both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: $databases:ty) $body:block)+) => {
        $(
            $(#[$meta])*
            mod $name {
                use super::*;

                async fn body($db: $databases) $body

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn sqlite() {
                    body($crate::fresh($crate::Engine::Sqlite).await).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn postgres() {
                    body($crate::fresh($crate::Engine::Postgres).await).await;
                }
            }
        )+
    };
}

pub use kloud_store::Engine;
