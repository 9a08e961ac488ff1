//! `Succeed`.

use super::{
    Interpreter,
    branch::Branch,
    failure::Interrupt,
    visit::{Done, Visit},
};
use crate::definition::Succeed;

impl Interpreter<'_> {
    pub(super) fn succeed<'s>(
        &self,
        _succeed: &Succeed,
        visit: &Visit<'s>,
        branch: &mut Branch,
    ) -> Result<Done<'s>, Interrupt> {
        self.query(visit, branch, |context, variables| {
            let input = visit.effective_input(context, variables)?;
            visit.pass_on(&input, context, variables)
        })
    }
}
