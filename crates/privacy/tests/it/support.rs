use std::path::PathBuf;
use std::sync::Arc;

use kloud_base::{Clock, Timestamp};
use kloud_privacy::consent::Shown;
use kloud_privacy::{KeyId, MemberId, Privacy, PrivacyOptions, SubjectId, SubjectKind};
use kloud_store::jobs::JobRunner;
use kloud_store::{CrashPoints, Migrations, Store, StoreOptions};
use kloud_testkit::{ManualClock, SeededRng, TestDatabases};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, Set};

use crate::demo::holder::DemoHolder;
use crate::demo::{NoteId, PaperId, PersonId, m9001_demo, note, paper, person};

pub struct World {
    pub db: TestDatabases,
    pub privacy: Privacy,
    pub rows: Store,
    pub keys: Store,
    pub clock: Arc<ManualClock>,
    pub rng: Arc<SeededRng>,
    pub crash_points: Arc<CrashPoints>,
}

fn demo_migrations() -> Vec<Box<dyn sea_orm_migration::MigrationTrait>> {
    vec![Box::new(m9001_demo::Migration)]
}

pub fn row_migrations() -> Migrations {
    Migrations::default().with(kloud_store::migrations).with(kloud_privacy::migrations).with(demo_migrations)
}

/// Everything a person of the demo has.
pub struct Somebody {
    pub subject: SubjectId,
    /// Whose key the employer's entry needs too.
    pub company: SubjectId,
    pub member: MemberId,
    pub person: PersonId,
    pub paper: PaperId,
    pub paper_key: KeyId,
}

impl World {
    pub async fn new(db: TestDatabases) -> Self {
        let (clock, rng, crash_points) =
            (Arc::new(ManualClock::default()), Arc::new(SeededRng::new(7)), Arc::default());
        let (privacy, rows, keys) = open(&db, &clock, &rng, &crash_points).await;
        Self { db, privacy, rows, keys, clock, rng, crash_points }
    }

    /// The process dies and starts again.
    pub async fn restart(&mut self) {
        self.rows.clone().close().await;
        self.keys.clone().close().await;
        let (privacy, rows, keys) = open(&self.db, &self.clock, &self.rng, &self.crash_points).await;
        (self.privacy, self.rows, self.keys) = (privacy, rows, keys);
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn keys_folder(&self) -> PathBuf {
        self.db.folder().join("keys")
    }

    pub fn runner(&self) -> JobRunner {
        JobRunner::new(self.rows.clone(), self.privacy.jobs(), self.clock.clone(), self.rng.clone())
    }

    pub async fn run_jobs(&self) {
        self.runner().run_due().await.unwrap();
    }

    /// A person with a value in every column, three shared notes and a paper with a key of its own.
    pub async fn somebody(&self, name: &str) -> Somebody {
        let privacy = &self.privacy;
        let new = privacy.create_subject(SubjectKind::Account).await.unwrap();
        let subject = new.id();
        let sealer = privacy.month_sealer(subject).await.unwrap();
        let organization = privacy.create_subject(SubjectKind::Organization).await.unwrap();
        let company = organization.id();
        let both = sealer.clone().and(&privacy.sealer(company).await.unwrap());
        let person = PersonId::random(&*self.rng);
        let row = person::Model {
            id: person,
            subject_id: subject,
            nickname: person::Model::seal_nickname(&sealer, person, &format!("{name} nickname")).unwrap(),
            address: Some(person::Model::seal_address(&sealer, person, &format!("{name}@example.org")).unwrap()),
            password: person::Model::seal_password(&sealer, person, &format!("{name} password")).unwrap(),
            last_seen: person::Model::seal_last_seen(&sealer, person, &4711).unwrap(),
            desk: Some(person::Model::seal_desk(&both, person, &format!("{name} desk")).unwrap()),
            joined_at: self.now(),
        };
        let member = privacy.create_member(subject).await.unwrap();
        let key = privacy.create_key::<kloud_privacy::category::File>(subject).await.unwrap();
        let (paper, paper_key) = (PaperId::random(&*self.rng), key.id());
        let paper_row = paper::Model {
            id: paper,
            subject_id: subject,
            key_id: paper_key,
            name: paper::Model::seal_name(key.sealer(), paper, &format!("{name} paper")).unwrap(),
        };
        let mut tx = self.rows.begin().await.unwrap();
        new.anchor(&mut tx, privacy).await.unwrap();
        organization.anchor(&mut tx, privacy).await.unwrap();
        key.anchor(&mut tx, privacy).await.unwrap();
        person::Entity::insert(person::ActiveModel::from(row)).exec_without_returning(tx.db()).await.unwrap();
        paper::Entity::insert(paper::ActiveModel::from(paper_row)).exec_without_returning(tx.db()).await.unwrap();
        for number in 0..3 {
            let id = NoteId::random(&*self.rng);
            let body = note::Model::seal_body(&sealer, id, &format!("{name} note {number}")).unwrap();
            let row = note::ActiveModel { id: Set(id), author: Set(member), body: Set(Some(body)) };
            note::Entity::insert(row).exec_without_returning(tx.db()).await.unwrap();
        }
        tx.commit().await.unwrap();
        Somebody { subject, company, member, person, paper, paper_key }
    }

    pub async fn person(&self, of: &Somebody) -> person::Model {
        let read = self.rows.read().await.unwrap();
        person::Entity::find_by_id(of.person).one(read.db()).await.unwrap().unwrap()
    }

    pub async fn paper(&self, of: &Somebody) -> paper::Model {
        let read = self.rows.read().await.unwrap();
        paper::Entity::find_by_id(of.paper).one(read.db()).await.unwrap().unwrap()
    }

    pub async fn notes(&self, of: &Somebody) -> Vec<note::Model> {
        let read = self.rows.read().await.unwrap();
        let find = note::Entity::find().filter(note::Column::Author.eq(of.member)).order_by_asc(note::Column::Id);
        find.all(read.db()).await.unwrap()
    }
}

async fn open(
    db: &TestDatabases,
    clock: &Arc<ManualClock>,
    rng: &Arc<SeededRng>,
    crash_points: &Arc<CrashPoints>,
) -> (Privacy, Store, Store) {
    let options = |database: &kloud_store::Database| StoreOptions {
        connections: 3,
        crash_points: crash_points.clone(),
        ..StoreOptions::new(database.clone())
    };
    let rows = Store::open(options(&db.rows), row_migrations()).await.unwrap();
    let keystore = Migrations::default().with(kloud_privacy::keystore_migrations);
    let keys = Store::open(options(&db.keys), keystore).await.unwrap();
    let options = PrivacyOptions {
        keystore: keys.clone(),
        rows: rows.clone(),
        folder: db.folder().join("keys"),
        clock: clock.clone(),
        rng: rng.clone(),
    };
    let privacy = Privacy::open(options).await.unwrap();
    privacy.register_holder(Arc::new(DemoHolder));
    (privacy, rows, keys)
}

/// What was on the screen of an answer.
pub fn shown() -> Shown {
    Shown {
        agreement_version: "1.0".to_owned(),
        text_sha256: [7; 32],
        language: "en".to_owned(),
        screen: "settings",
        gpc: false,
        age_band: Some("adult"),
    }
}
