//! Control keys while lines move. A terminal that echoes Ctrl-C as `^C` goes on to the next line
//! with it, where nobody who draws lines knows of it: one of them would stay for good.

#[cfg(unix)]
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcgetpgrp, tcsetattr};

/// As long as it lives, the terminal shows no control keys; what they do they still do.
#[derive(Debug)]
pub(super) struct NoEcho {
    /// Whether it is this that turned the echo off.
    is_off: bool,
}

impl NoEcho {
    pub fn new() -> Self {
        Self {
            is_off: set_echo(false),
        }
    }
}

impl Drop for NoEcho {
    fn drop(&mut self) {
        if self.is_off {
            set_echo(true);
        }
    }
}

/// Has the terminal echo control keys, or not; gives whether that is another thing than before.
/// Only the process that the terminal's keys are for does so, which leads its group: one in the
/// background would be stopped.
#[cfg(unix)]
fn set_echo(on: bool) -> bool {
    let terminal = std::io::stderr();
    let leader = tcgetpgrp(&terminal).map(|group| group.as_raw_pid().cast_unsigned());
    if leader != Ok(std::process::id()) {
        return false;
    }
    let Ok(mut settings) = tcgetattr(&terminal) else {
        return false;
    };
    if settings.local_modes.contains(LocalModes::ECHOCTL) == on {
        return false;
    }
    settings.local_modes.set(LocalModes::ECHOCTL, on);
    tcsetattr(&terminal, OptionalActions::Now, &settings).is_ok()
}

/// The console of Windows echoes none.
#[cfg(not(unix))]
fn set_echo(_: bool) -> bool {
    false
}
