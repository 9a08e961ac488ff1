//! Control keys while lines move. A terminal that echoes Ctrl-C as `^C` goes on to the next line
//! with it, where nobody who draws lines knows of it: one of them would stay for good.

#[cfg(unix)]
use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};
#[cfg(unix)]
use nix::unistd::{getpgrp, tcgetpgrp};

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

/// Has the terminal echo control keys, or not; gives whether that is another thing than before. In
/// the background the terminal is somebody else's, and is left as it is: who changes it there is
/// stopped.
#[cfg(unix)]
fn set_echo(on: bool) -> bool {
    let terminal = std::io::stderr();
    if tcgetpgrp(&terminal) != Ok(getpgrp()) {
        return false;
    }
    let Ok(mut settings) = tcgetattr(&terminal) else {
        return false;
    };
    if settings.local_flags.contains(LocalFlags::ECHOCTL) == on {
        return false;
    }
    settings.local_flags.set(LocalFlags::ECHOCTL, on);
    tcsetattr(&terminal, SetArg::TCSANOW, &settings).is_ok()
}

/// The console of Windows echoes none.
#[cfg(not(unix))]
fn set_echo(_: bool) -> bool {
    false
}
