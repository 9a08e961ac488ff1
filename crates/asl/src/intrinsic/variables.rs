//! Which variables a call reads.

use super::{Argument, Call};

impl Call {
    /// The names of the variables that its arguments read, those of the calls within included.
    pub fn variables(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for argument in &self.arguments {
            match argument {
                Argument::Path(path) => names.extend(path.variable()),
                Argument::Call(call) => names.extend(call.variables()),
                Argument::Literal(_) | Argument::Text(_) => {}
            }
        }
        names
    }
}
