//! Commands that serve nobody: the API description, receipts, tokens.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use kloud_base::{Clock as _, Rng, random_bytes};
use kloud_livekit::{Claims, VideoGrant, sign};
use kloud_privacy::consent::{Refusal, SignedHead, Trust, Verdict, verify_receipt};
use serde::Deserialize;

use crate::app::{App, Ingredients};
use crate::config::{Config, DataFolder, Flags};
use crate::system::{SystemClock, SystemRng};

/// Prints the description, made of the real routes over an empty data folder that goes again.
pub async fn print_openapi() -> Result<()> {
    let name = data_encoding::HEXLOWER.encode(&random_bytes::<8>(&SystemRng as &dyn Rng));
    let path = std::env::temp_dir().join(format!("kloud-openapi-{name}"));
    let folder = DataFolder::open(&path)?;
    let mut config = Config::default();
    config.media.port = 0;
    let with =
        Ingredients { clock: Arc::new(SystemClock::default()), rng: Arc::new(SystemRng), crash_points: Arc::default() };
    let app = App::open(&folder, &config, with).await?;
    let text = serde_json::to_string_pretty(&app.description())?;
    app.stop().await;
    app.close().await;
    std::fs::remove_dir_all(&path)?;
    println!("{text}");
    Ok(())
}

#[derive(Deserialize)]
struct Ledger {
    head: Option<SignedHead>,
    leaves: Vec<String>,
}

/// Checks a receipt against a published ledger.
pub fn verify(receipt: &Path, ledger: &Path) -> Result<()> {
    let read = |path: &Path| std::fs::read(path).with_context(|| format!("could not read {}", path.display()));
    let receipt = read(receipt)?;
    let ledger: Ledger = serde_json::from_slice(&read(ledger)?).context("this is no ledger of a Kloud")?;
    let head = ledger.head.context("the ledger has no head yet; it is signed once a day")?;
    let leaves = ledger.leaves.iter().map(|leaf| leaf_bytes(leaf)).collect::<Result<Vec<_>>>()?;
    match verify_receipt(&receipt, &Trust::Head { head: &head, leaves: &leaves }) {
        Verdict::Genuine(body) => {
            println!(
                "Genuine: {} to {} (version {}), at {}.",
                body.event.event_state,
                body.pii_processing.purpose,
                body.pii_processing.purpose_version,
                body.event.event_time.to_rfc3339()
            );
            Ok(())
        }
        Verdict::Refused(why) => bail!("not genuine: {}", words(why)),
    }
}

fn words(why: Refusal) -> &'static str {
    match why {
        Refusal::NotAReceipt => "this is no receipt of a Kloud",
        Refusal::Signature => "the signature does not belong to what the receipt says",
        Refusal::OtherKey => "the receipt is signed with another key than the ledger",
        Refusal::Leaf => "the record in the receipt is not what was hashed",
        Refusal::Fields => "the receipt says something else than its record",
        Refusal::Head => "the ledger is not what its head was signed for",
        Refusal::NotInHead => "the ledger does not hold this receipt",
    }
}

fn leaf_bytes(hex: &str) -> Result<[u8; 32]> {
    let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).context("a leaf is no hex")?;
    bytes.try_into().ok().context("a leaf has 32 bytes")
}

/// Prints a token for an API room.
pub fn print_token(data: &Path, room: &str, identity: &str, hours: u32) -> Result<()> {
    let folder = DataFolder::open(data)?;
    folder.write_first_config(&SystemRng)?;
    println!("{}", token(&folder.config(&Flags::default())?, room, identity, hours)?);
    Ok(())
}

/// A token for an API room, signed with the first key of the configuration.
pub fn token(config: &Config, room: &str, identity: &str, hours: u32) -> Result<String> {
    let key = config.livekit.keys.first().context("livekit.keys: found none, expected one or more")?;
    let now = SystemClock::default().now();
    let seconds = now.as_millis() / kloud_base::SECOND;
    let claims = Claims {
        iss: key.key.clone(),
        sub: identity.to_owned(),
        nbf: Some(seconds),
        exp: Some(seconds + i64::from(hours) * kloud_base::HOUR / kloud_base::SECOND),
        video: VideoGrant { room: room.to_owned(), room_join: true, ..VideoGrant::default() },
        ..Claims::default()
    };
    Ok(sign(&claims, key.secret.as_bytes()))
}
