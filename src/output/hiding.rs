//! A way to a stream that lets no secret through.

use std::io::{self, Write};
use std::sync::{PoisonError, RwLock};

use tracing_subscriber::fmt::MakeWriter;

use super::Output;
use crate::stack::Secrets;

/// Writes whole lines, each without the secrets that are in it.
pub struct Hiding<'a, W: Write> {
    secrets: &'a RwLock<Secrets>,
    /// What has no end of a line yet.
    held: Vec<u8>,
    inner: W,
}

impl<'a, W: Write> Hiding<'a, W> {
    pub(super) fn new(secrets: &'a RwLock<Secrets>, inner: W) -> Self {
        Self {
            secrets,
            held: Vec::new(),
            inner,
        }
    }

    /// Writes the first `end` bytes of what is held.
    fn let_through(&mut self, end: usize) -> io::Result<()> {
        let bytes: Vec<u8> = self.held.drain(..end).collect();
        let secrets = self.secrets.read().unwrap_or_else(PoisonError::into_inner);
        match std::str::from_utf8(&bytes) {
            Ok(text) => self.inner.write_all(secrets.hide(text).as_bytes()),
            // What is no text holds no text.
            Err(_) => self.inner.write_all(&bytes),
        }
    }
}

impl<W: Write> Write for Hiding<'_, W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(buf);
        if let Some(last) = self.held.iter().rposition(|byte| *byte == b'\n') {
            self.let_through(last + 1)?;
        }
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.let_through(self.held.len())?;
        self.inner.flush()
    }
}

impl<W: Write> Drop for Hiding<'_, W> {
    fn drop(&mut self) {
        // Whoever wants to know whether it was written flushes.
        let _ = self.let_through(self.held.len());
    }
}

/// Where logs go: stderr, like all talk.
#[derive(Debug, Clone)]
pub struct Log(pub(super) Output);

impl<'a> MakeWriter<'a> for Log {
    type Writer = Hiding<'a, io::Stderr>;

    fn make_writer(&'a self) -> Self::Writer {
        Hiding::new(&self.0.secrets, io::stderr())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_hidden_though_it_is_written_in_parts() {
        let secrets = RwLock::new(Secrets::new(vec!["hunter2".to_owned()]));
        let mut written = Vec::new();
        let mut hiding = Hiding::new(&secrets, &mut written);
        hiding.write_all(b"a,hun").expect("it is a list");
        hiding.write_all(b"ter2\nb,hunter2").expect("it is a list");
        drop(hiding);
        assert_eq!(
            String::from_utf8_lossy(&written),
            "a,(sensitive)\nb,(sensitive)"
        );
    }
}
