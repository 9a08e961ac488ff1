//! Ctrl-C: once finishes, twice stops; while nobody listens it ends the process.

use std::io;
use std::pin::pin;
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::cli::Exit;

#[cfg(unix)]
type Signal = tokio::signal::unix::Signal;
#[cfg(windows)]
type Signal = tokio::signal::windows::CtrlC;

/// Who hears of Ctrl-C; nothing until somebody listened for the first time. From then on the system
/// does not end the process any more: that is done here where nobody hears.
static HEARER: Mutex<Option<UnboundedSender<()>>> = Mutex::new(None);

static PRESSES: AtomicUsize = AtomicUsize::new(0);

/// How often Ctrl-C was pressed since somebody listened for the first time, whoever heard it.
#[cfg_attr(
    not(feature = "local"),
    allow(dead_code, reason = "the demo asks, which is local")
)]
pub fn presses() -> usize {
    PRESSES.load(Ordering::Relaxed)
}

/// The times that Ctrl-C is pressed, from the first to the last: none is lost while another is
/// answered. As long as this lives it does not end the process.
pub struct Interrupts {
    presses: UnboundedReceiver<()>,
    was_pressed: bool,
}

impl Interrupts {
    /// Hears every press from now on; who listened before hears no more. What is read from the
    /// terminal should have been read: a press does not break that off.
    pub fn listen() -> io::Result<Self> {
        let (sender, presses) = unbounded_channel();
        let mut hearer = hearer();
        if hearer.is_none() {
            tokio::spawn(hand_on(signal()?));
        }
        *hearer = Some(sender);
        Ok(Self {
            presses,
            was_pressed: false,
        })
    }

    /// Returns when it is pressed once more.
    pub async fn next(&mut self) {
        if self.presses.recv().await.is_none() {
            // Somebody else listens.
            std::future::pending::<()>().await;
        }
        self.was_pressed = true;
    }

    /// What `work` gives; nothing once Ctrl-C is pressed, or if it was pressed before.
    pub async fn until_pressed<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        if self.was_pressed {
            return None;
        }
        tokio::select! {
            done = work => Some(done),
            () = self.next() => None,
        }
    }

    /// What `work` gives, though Ctrl-C is pressed for the first time meanwhile; nothing once it is
    /// pressed again.
    pub async fn until_pressed_again<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        loop {
            let was_pressed = self.was_pressed;
            tokio::select! {
                done = &mut work => return Some(done),
                () = self.next() => {
                    if was_pressed {
                        return None;
                    }
                }
            }
        }
    }
}

fn hearer() -> MutexGuard<'static, Option<UnboundedSender<()>>> {
    HEARER.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(unix)]
fn signal() -> io::Result<Signal> {
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())
}

#[cfg(windows)]
fn signal() -> io::Result<Signal> {
    tokio::signal::windows::ctrl_c()
}

/// Hands every press on to who hears it, for as long as the process lives.
async fn hand_on(mut signal: Signal) {
    while signal.recv().await.is_some() {
        PRESSES.fetch_add(1, Ordering::Relaxed);
        let is_heard = hearer()
            .as_ref()
            .is_some_and(|hearer| hearer.send(()).is_ok());
        if !is_heard {
            // From a thread of its own, as the main one may wait for who reads what it prints.
            process::exit(Exit::Interrupted.code().into());
        }
    }
}
