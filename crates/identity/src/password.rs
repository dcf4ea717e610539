//! Password hashing: Argon2id, off the async threads, a few at a time so that a flood cannot take all memory.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// OWASP's first choice: 19 MiB, two passes, one lane; these are the library's defaults.
const AT_ONCE: usize = 2;

/// Hashes and checks. Cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    /// What an unknown identifier's password is checked against, so that it takes as long as a known one.
    decoy: Arc<str>,
}

impl Default for Passwords {
    fn default() -> Self {
        let decoy = hash("nobody has this password").into();
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), decoy }
    }
}

impl Passwords {
    /// A PHC string with its own salt.
    pub async fn hash(&self, password: Zeroizing<String>) -> String {
        let _turn = self.turns.acquire().await.expect("the semaphore is never closed");
        tokio::task::spawn_blocking(move || hash(&password)).await.expect("hashing does not panic")
    }

    /// Whether the password is the one that was hashed; without a hash it takes as long and is false.
    pub async fn verify(&self, password: Zeroizing<String>, hash: Option<String>) -> bool {
        let _turn = self.turns.acquire().await.expect("the semaphore is never closed");
        let decoy = Arc::clone(&self.decoy);
        tokio::task::spawn_blocking(move || {
            let hash = hash.map(Zeroizing::new);
            let matches = |hash: &str| match PasswordHash::new(hash) {
                Ok(parsed) => Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok(),
                Err(_) => false,
            };
            match &hash {
                Some(hash) => matches(hash),
                None => {
                    matches(&decoy);
                    false
                }
            }
        })
        .await
        .expect("hashing does not panic")
    }
}

fn hash(password: &str) -> String {
    Argon2::default().hash_password(password.as_bytes()).expect("the default parameters are valid").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse battery".to_owned().into()).await;
        assert!(passwords.verify("correct horse battery".to_owned().into(), Some(hash.clone())).await);
        assert!(!passwords.verify("correct horse batterz".to_owned().into(), Some(hash)).await);
        assert!(!passwords.verify("correct horse battery".to_owned().into(), None).await);
        assert!(!passwords.verify("correct horse battery".to_owned().into(), Some("no hash".to_owned())).await);
    }
}
