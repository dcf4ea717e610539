//! The tables that no row struct of this crate or of a slice declares: those of the store, and those of the keystore.

crate::plain_table! {
    Rows "jobs": "work to be done, by ids; errors are codes" {
        "id", "kind", "dedupe", "payload", "state", "run_at", "attempts", "lease_until", "last_error", "created_at",
    }
    Rows "schedules": "when periodic work comes round" { "kind", "next_at" }
    Rows "streams": "counts of events" { "id", "last_seq" }
    Rows "events": "what changed, by ids" { "stream_id", "seq", "kind", "ids", "at" }
    Keystore "subjects": "random ids and wrapped keys" { "id", "kind", "life", "root_id", "wrapped", "created_at" }
    Keystore "keys": "random ids and wrapped keys" {
        "id", "subject_id", "category", "class", "period", "wrapped", "created_at",
    }
    Keystore "members": "random stand-ins; whose they are is wrapped under the root" {
        "id", "root_id", "whose", "owner_tag",
    }
    Keystore "identifiers": "keyed tokens; whose they are is wrapped under the root" {
        "id", "index_name", "token", "state", "root_id", "whose", "owner_tag", "expires_at",
    }
    Keystore "instance_keys": "wrapped keys of the instance" { "name", "root_id", "wrapped" }
    Keystore "endings": "random ids of what ended" { "id", "kind", "day" }
    Keystore "sweeps": "random ids of what an erasure under way still has to find" { "erasure_id", "id", "kind" }
}
