//! What is held is what is declared, in both directions, on both engines.

use kloud_privacy::audit::{closure, inventory_faults, unsealed_values};
use kloud_privacy::inventory::Home;
use kloud_privacy::purpose::purposes;
use kloud_testkit::{TestDatabases, both_engines};

use crate::support::TestApp;

/// Every purpose that is linked in. A new one, or a wider one, is a change people are asked about.
const PURPOSES: &[&str] = &[
    "answer_request",
    "guard",
    "invite",
    "notify",
    "preview",
    "protect",
    "search",
    "show_own",
    "show_to_audience",
    "show_to_organization",
    "sign_in",
    "support",
];

both_engines! {
    async fn every_column_is_declared_and_every_declaration_exists(db: TestDatabases) {
        let (app, _) = TestApp::set_up(db).await;
        let mut faults = inventory_faults();
        faults.extend(closure(&app.app.store, Home::Rows).await.unwrap());
        faults.extend(closure(&app.app.keystore, Home::Keystore).await.unwrap());
        faults.extend(unsealed_values(&app.app.store).await.unwrap());
        assert!(faults.is_empty(), "{faults:?}");
        app.close().await;
    }
}

#[test]
fn the_purposes_are_a_checked_in_list() {
    let names: Vec<_> = purposes().iter().map(|purpose| purpose.name).collect();
    assert_eq!(names, PURPOSES);
}
