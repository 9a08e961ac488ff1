//! `Pass`.

use super::{
    Interpreter,
    branch::Branch,
    failure::Interrupt,
    visit::{Done, Visit},
};
use crate::{definition::Pass, query::QueryLanguage};

impl Interpreter<'_> {
    pub(super) fn pass<'s>(
        &self,
        pass: &Pass,
        visit: &Visit<'s>,
        branch: &mut Branch,
    ) -> Result<Done<'s>, Interrupt> {
        self.query(visit, branch, |context, variables| {
            if visit.language() == QueryLanguage::Jsonata {
                return visit.pass_on(&visit.raw, context, variables);
            }
            let input = visit.effective_input(context, variables)?;
            let parameters = visit.parameters(input, context, variables)?;
            let result = match &pass.result {
                Some(result) => result.clone(),
                None => parameters,
            };
            visit.finish(result, context, variables)
        })
    }
}
