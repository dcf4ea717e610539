use std::sync::atomic::{AtomicBool, Ordering};

use kloud_privacy::permission::{ChangedBy, DeviceClass, PermissionState, Reach, device};
use kloud_privacy::{Gesture, PrivacyError, Revoked, RevokedKind};
use kloud_store::crash::CrashMode;
use kloud_testkit::{TestDatabases, both_engines};
use uuid::Uuid;

use crate::support::{Somebody, World, shown};

const INSTALL: Uuid = Uuid::from_u128(2);

async fn camera_on(world: &World, of: &Somebody, reach: Reach) -> Result<i64, PrivacyError> {
    let gesture = Gesture::of_person(of.subject, Uuid::from_u128(1));
    let mut tx = world.rows.begin().await?;
    let (permitted, receipt) =
        world.privacy.turn_on::<device::Camera>(&mut tx, &gesture, INSTALL, reach, &shown()).await?;
    assert_eq!(receipt.receipt.pii_processing.purpose, "device.camera");
    tx.commit().await?;
    Ok(permitted.epoch())
}

async fn camera(world: &World, of: &Somebody) -> Option<i64> {
    let read = world.rows.read().await.unwrap();
    let permitted = world.privacy.permitted::<device::Camera>(&read, of.subject, INSTALL).await.unwrap();
    permitted.map(|permitted| permitted.epoch())
}

both_engines! {
    async fn everything_is_off_until_the_person_turns_it_on(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("ann").await;
        let read = world.rows.read().await.unwrap();
        let all = world.privacy.permissions(&read, ann.subject, INSTALL).await.unwrap();
        drop(read);
        assert_eq!(all.len(), DeviceClass::ALL.len());
        assert!(all.iter().all(|permission| permission.state == PermissionState::Off));
        assert_eq!(camera_on(&world, &ann, Reach::Standing).await.unwrap(), 1);
        assert_eq!(camera(&world, &ann).await, Some(1));
    }

    async fn lowering_shuts_the_gate_then_writes_then_says_so(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("ann").await;
        camera_on(&world, &ann, Reach::Standing).await.unwrap();
        let mut revoked = world.privacy.revoked();
        let shut = AtomicBool::new(false);
        let gate = || shut.store(true, Ordering::SeqCst);
        let lower = async || {
            world.privacy.lower_permission(&gate, ann.subject, INSTALL, DeviceClass::Camera, ChangedBy::Host).await
        };
        world.crash_points.arm("store.before-commit", 1, CrashMode::Error);
        lower().await.unwrap_err();
        assert!(shut.load(Ordering::SeqCst), "a failed write leaves the gate shut");
        assert_eq!(camera(&world, &ann).await, Some(1));
        assert!(revoked.try_recv().is_err(), "nothing is said before the commit");
        lower().await.unwrap();
        assert_eq!(camera(&world, &ann).await, None);
        let word = revoked.try_recv().unwrap();
        let (subject, install, device) = (ann.subject, INSTALL, DeviceClass::Camera);
        assert_eq!(word, Revoked::Permission { subject, install, device, epoch: 2 });
        assert_eq!(word.kind(), RevokedKind::Permission);
        lower().await.unwrap();
        assert!(revoked.try_recv().is_err(), "what is off is not lowered again");
    }

    async fn a_suspension_returns_to_off_and_never_to_on(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("ann").await;
        camera_on(&world, &ann, Reach::Standing).await.unwrap();
        let mut tx = world.rows.begin().await.unwrap();
        let lowered = world.privacy.suspend_permissions(&mut tx, ann.subject, ChangedBy::System).await.unwrap();
        tx.commit().await.unwrap();
        world.privacy.announce(lowered);
        assert_eq!(camera(&world, &ann).await, None);
        assert!(matches!(camera_on(&world, &ann, Reach::Standing).await, Err(PrivacyError::NotNow(_))));
        let mut tx = world.rows.begin().await.unwrap();
        world.privacy.end_suspension(&mut tx, ann.subject, ChangedBy::System).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(camera(&world, &ann).await, None, "off, not on");
        assert_eq!(camera_on(&world, &ann, Reach::Standing).await.unwrap(), 4);
    }

    async fn a_sitting_and_a_single_use_end(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("ann").await;
        camera_on(&world, &ann, Reach::Sitting).await.unwrap();
        let mut tx = world.rows.begin().await.unwrap();
        let lowered = world.privacy.end_sitting(&mut tx, ann.subject).await.unwrap();
        tx.commit().await.unwrap();
        world.privacy.announce(lowered);
        assert_eq!(camera(&world, &ann).await, None);
        let gesture = Gesture::of_person(ann.subject, Uuid::from_u128(1));
        let mut tx = world.rows.begin().await.unwrap();
        let standing = Reach::Standing;
        let refused = world.privacy.turn_on::<device::Clipboard>(&mut tx, &gesture, INSTALL, standing, &shown()).await;
        assert!(matches!(refused, Err(PrivacyError::NotNow(_))));
        let once = world.privacy.turn_on::<device::Clipboard>(&mut tx, &gesture, INSTALL, Reach::Once, &shown()).await;
        let (permitted, _) = once.unwrap();
        let lowered = world.privacy.use_once(&mut tx, permitted).await.unwrap();
        assert!(world.privacy.permitted::<device::Clipboard>(&tx, ann.subject, INSTALL).await.unwrap().is_none());
        tx.commit().await.unwrap();
        world.privacy.announce(lowered);
    }

    async fn one_install_says_nothing_of_another(db: TestDatabases) {
        let world = World::new(db).await;
        let ann = world.somebody("ann").await;
        camera_on(&world, &ann, Reach::Standing).await.unwrap();
        let read = world.rows.read().await.unwrap();
        let other = Uuid::from_u128(3);
        assert!(world.privacy.permitted::<device::Camera>(&read, ann.subject, other).await.unwrap().is_none());
        assert!(world.privacy.permitted::<device::Microphone>(&read, ann.subject, INSTALL).await.unwrap().is_none());
    }
}
