//! The certificate and its key.

use base64::{Engine, prelude::BASE64_STANDARD};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, PublicKeyData};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    process,
    sync::Arc,
};
use time::{Duration, OffsetDateTime};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

/// What the certificate is for.
const NAMES: [&str; 2] = ["localhost", "127.0.0.1"];

/// Longer than a folder `target` is kept. Apple's systems trust none beyond 825 days,
/// whoever signed it.
const LIFETIME: Duration = Duration::days(800);

/// Where `certificate.pem` and `key.pem` are.
#[derive(Debug, Clone)]
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn certificate(&self) -> PathBuf {
        self.0.join("certificate.pem")
    }

    pub fn key(&self) -> PathBuf {
        self.0.join("key.pem")
    }

    /// SHA-256 of the public key, in base64: so a browser can be told of it.
    ///
    /// # Errors
    ///
    /// One line: there is no key.
    pub fn fingerprint(&self) -> Result<String, String> {
        let unusable = |error: &dyn std::fmt::Display| format!("{}: {error}", self.key().display());
        let key = fs::read_to_string(self.key()).map_err(|error| unusable(&error))?;
        let key = KeyPair::from_pem(&key).map_err(|error| unusable(&error))?;
        Ok(BASE64_STANDARD.encode(Sha256::digest(key.subject_public_key_info())))
    }

    /// A server with the certificate in this folder, which is made first if there is
    /// none.
    ///
    /// # Errors
    ///
    /// One line: the folder cannot be written, or what is in it is no certificate
    /// with its key.
    pub fn open(&self) -> Result<TlsAcceptor, String> {
        if !self.certificate().exists() {
            let made = self.make();
            made.map_err(|error| format!("{}: {error}", self.0.display()))?;
        }
        let unusable = |file: PathBuf, error: &dyn std::fmt::Display| {
            let folder = self.0.display();
            format!(
                "{}: {error}; remove {folder}, and the next start makes both files anew",
                file.display()
            )
        };
        let chain = CertificateDer::pem_file_iter(self.certificate())
            .and_then(Iterator::collect)
            .map_err(|error| unusable(self.certificate(), &error))?;
        let key = PrivateKeyDer::from_pem_file(self.key())
            .map_err(|error| unusable(self.key(), &error))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key))
            .map_err(|error| unusable(self.certificate(), &error))?;
        // The steps speak this one, and a browser that is offered more takes more.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Both files appear at once, so that of two programs that start together one makes
    /// them, and the other has the same.
    fn make(&self) -> Result<(), Box<dyn std::error::Error>> {
        let key = KeyPair::generate()?;
        let mut parameters = CertificateParams::new(NAMES.map(str::to_owned))?;
        let name = "Session Taproom, on this machine";
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        // Clocks differ.
        parameters.not_before = OffsetDateTime::now_utc() - Duration::days(1);
        parameters.not_after = parameters.not_before + LIFETIME;
        let certificate = parameters.self_signed(&key)?;

        let new = Folder(self.0.with_extension(format!("new-{}", process::id())));
        fs::create_dir_all(&new.0)?;
        write(&new.certificate(), &certificate.pem())?;
        write(&new.key(), &key.serialize_pem())?;
        let moved = fs::rename(&new.0, &self.0);
        if moved.is_err() {
            fs::remove_dir_all(&new.0)?;
        }
        if self.certificate().exists() {
            return Ok(());
        }
        Ok(moved?)
    }
}

/// Readable for us alone: it may be the key.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(text.as_bytes())
}
