//! Lists that only grow in the open.

use kloud_privacy::CategoryName;
use kloud_privacy::inventory::{Home, tables};
use kloud_privacy::purpose::purposes;

#[test]
fn the_purposes_are_those_of_the_ground_table() {
    let list: Vec<String> = purposes()
        .iter()
        .filter(|purpose| purpose.module.starts_with("kloud_privacy::"))
        .map(|purpose| {
            let opens: Vec<_> = purpose.opens.iter().map(|category| category.as_str()).collect();
            let (basis, record) = (purpose.basis.as_str(), purpose.record.as_str());
            format!("{} v{} {basis} {record}: {}", purpose.name, purpose.version, opens.join(" "))
        })
        .collect();
    insta::assert_snapshot!(list.join("\n"));
}

#[test]
fn no_purpose_but_those_that_check_or_protect_opens_a_credential() {
    for purpose in purposes() {
        let opens = purpose.opens.contains(&CategoryName::Credential);
        assert_eq!(opens, ["sign_in", "protect"].contains(&purpose.name), "{}", purpose.name);
    }
}

#[test]
fn nothing_opens_financial_data_but_the_person_and_the_law() {
    for purpose in purposes() {
        let opens = purpose.opens.contains(&CategoryName::Financial);
        assert_eq!(opens, ["show_own", "answer_request"].contains(&purpose.name), "{}", purpose.name);
    }
}

#[test]
fn the_tables_of_the_engine_and_the_store_are_these() {
    let names = |home| tables(home).iter().map(|table| table.table).collect::<Vec<_>>().join(" ");
    insta::assert_snapshot!(names(Home::Rows), @"anchors consent_leaves consents day_openings disclosures erasure_steps erasures events jobs leaf_chain leaf_heads named_openings notes papers permissions persons schedules streams");
    insta::assert_snapshot!(names(Home::Keystore), @"endings identifiers instance_keys keys members subjects sweeps");
}
