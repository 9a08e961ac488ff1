//! Ctrl-C, heard from the first to the last: none is lost while another is answered.

use std::io;

/// The times that Ctrl-C is pressed, from now on; it does not end the process any more.
pub struct Interrupts {
    #[cfg(unix)]
    signal: tokio::signal::unix::Signal,
    #[cfg(windows)]
    signal: tokio::signal::windows::CtrlC,
}

impl Interrupts {
    pub fn listen() -> io::Result<Self> {
        #[cfg(unix)]
        let signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
        #[cfg(windows)]
        let signal = tokio::signal::windows::ctrl_c()?;
        Ok(Self { signal })
    }

    /// Returns when it is pressed once more.
    pub async fn next(&mut self) {
        if self.signal.recv().await.is_none() {
            // Nobody will press it any more.
            std::future::pending::<()>().await;
        }
    }
}
