//! What a slice implements so that its data can be described, exported, frozen and swept.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::error::PrivacyError;
use crate::grant::Grant;
use crate::inventory::Described;
use crate::privacy::Privacy;
use crate::purposes::ShowOwn;
use crate::subject::{KeyId, MemberId, SubjectId};

/// Whose data is asked for: the subject, and the stand-ins under which shared rows know it.
#[derive(Clone, Debug)]
pub struct Person {
    pub subject: SubjectId,
    pub members: Vec<MemberId>,
}

/// What has ended and is to be swept. In the erasure of a single key only `keys` is filled.
#[derive(Clone, Debug, Default)]
pub struct Ended {
    pub subject: Option<SubjectId>,
    pub members: Vec<MemberId>,
    pub keys: Vec<KeyId>,
}

/// What a holder's sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Rows, blobs, postings, cache entries and upload parts that went in this call, tombstones included.
    pub removed: u64,
    /// What is still there; the sweep is run again until this is 0.
    pub remaining: u64,
}

/// Implemented by each slice, and registered by the server with [`Privacy::register_holder`].
///
/// Each call may come twice: what was done stays done. A holder touches no other person's row but to put a tombstone
/// where something shared was.
#[async_trait]
pub trait Holder: Send + Sync {
    /// The slice's name, such as `identity`.
    fn name(&self) -> &'static str;

    /// Every row of the person, through [`Privacy::describe_rows`].
    async fn describe(
        &self,
        privacy: &Privacy,
        person: &Person,
        grant: &mut Grant<ShowOwn>,
    ) -> Result<Vec<Described>, PrivacyError>;

    /// Files that go into the export beside the described rows, by name. Most slices have none.
    async fn export(
        &self,
        privacy: &Privacy,
        person: &Person,
        grant: &mut Grant<ShowOwn>,
    ) -> Result<BTreeMap<String, Vec<u8>>, PrivacyError> {
        let _ = (privacy, person, grant);
        Ok(BTreeMap::new())
    }

    /// Ends what runs: sessions, sockets, media, jobs, tokens. Nothing of the person opens any more when this is called.
    async fn freeze(&self, privacy: &Privacy, person: &Person) -> Result<(), PrivacyError>;

    /// Deletes or makes anonymous what belonged to what has ended. The keys are in the ledger when this is called.
    async fn sweep(&self, privacy: &Privacy, ended: &Ended) -> Result<Swept, PrivacyError>;
}

/// Tells those who received data that it was erased. A default install has disclosed nothing to anybody.
#[async_trait]
pub trait TellRecipient: Send + Sync {
    /// Called again until it succeeds; `reference` is the number of the disclosure, which the recipient knows.
    async fn tell(&self, recipient: &str, reference: &str) -> Result<(), PrivacyError>;
}
