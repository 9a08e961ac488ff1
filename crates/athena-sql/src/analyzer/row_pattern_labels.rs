//! The variables of a row pattern, and the clauses that name them: PATTERN, SUBSET, DEFINE and AFTER
//! MATCH SKIP.
//!
//! Source: Trino's `PatternRecognitionAnalyzer`.

use std::collections::HashMap;

use super::error_at;
use crate::ast::{
    ExpressionKind, Identifier, PatternRecognition, ProcessingMode, RowPattern, RowPatternKind,
    RowsPerMatch, SkipTo, Subset, VariableDefinition,
};
use crate::error::Error;
use crate::row_pattern::{Skip, label_name};

/// The variables of a row pattern: those of the pattern, then those of SUBSET.
#[derive(Debug)]
pub struct Labels {
    /// Of the pattern.
    pub names: Vec<String>,
    /// The set of each variable, by its name.
    pub by_name: HashMap<String, usize>,
    /// Sets of the pattern's variables; the first is of all.
    pub sets: Vec<Vec<bool>>,
}

/// The variables of the pattern and of SUBSET. Fails where one is there twice or not at all.
pub fn labels_of(
    pattern: &RowPattern,
    subsets: &[Subset],
    definitions: &[VariableDefinition],
) -> Result<Labels, Error> {
    let mut names = Vec::new();
    add_names(pattern, &mut names);
    let mut sets = vec![vec![true; names.len()]];
    let mut by_name = HashMap::new();
    for (label, name) in names.iter().enumerate() {
        by_name.insert(name.clone(), sets.len());
        sets.push((0..names.len()).map(|other| other == label).collect());
    }
    for subset in subsets {
        let name = label_name(&subset.name);
        if names.contains(&name) {
            let what = "is a duplicate of primary pattern variable name";
            let what = format!("union pattern variable name: {} {what}", subset.name);
            return Err(invalid_label(&subset.name, what));
        }
        if by_name.contains_key(&name) {
            let what = format!(
                "union pattern variable name: {} is declared twice",
                subset.name
            );
            return Err(invalid_label(&subset.name, what));
        }
        let mut set = vec![false; names.len()];
        for element in &subset.variables {
            let element_name = label_name(element);
            let Some(label) = names.iter().position(|label| *label == element_name) else {
                let what = format!("subset element: {element} is not a primary pattern variable");
                return Err(invalid_label(element, what));
            };
            set[label] = true;
        }
        by_name.insert(name, sets.len());
        sets.push(set);
    }
    check_definitions(definitions, &names)?;
    Ok(Labels {
        names,
        by_name,
        sets,
    })
}

/// The names of a pattern's variables, in the order in which they come.
fn add_names(pattern: &RowPattern, names: &mut Vec<String>) {
    match &pattern.kind {
        RowPatternKind::Variable(name) => {
            let name = label_name(name);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        _ => {
            for part in parts_of(pattern) {
                add_names(part, names);
            }
        }
    }
}

fn parts_of(pattern: &RowPattern) -> &[RowPattern] {
    match &pattern.kind {
        RowPatternKind::Variable(_)
        | RowPatternKind::Empty
        | RowPatternKind::PartitionStart
        | RowPatternKind::PartitionEnd => &[],
        RowPatternKind::Concatenation(parts)
        | RowPatternKind::Alternation(parts)
        | RowPatternKind::Permutation(parts) => parts,
        RowPatternKind::Excluded(inner) | RowPatternKind::Quantified { pattern: inner, .. } => {
            std::slice::from_ref(&**inner)
        }
    }
}

fn check_definitions(definitions: &[VariableDefinition], names: &[String]) -> Result<(), Error> {
    let mut defined = Vec::new();
    for definition in definitions {
        let name = label_name(&definition.name);
        if !names.contains(&name) {
            let what = format!(
                "defined variable: {} is not a primary pattern variable",
                definition.name
            );
            return Err(invalid_label(&definition.name, what));
        }
        if defined.contains(&name) {
            let what = format!(
                "pattern variable with name: {} is defined twice",
                definition.name
            );
            return Err(invalid_label(&definition.name, what));
        }
        defined.push(name);
        for expression in definition.condition.with_descendants() {
            if let ExpressionKind::FunctionCall(call) = &expression.kind
                && call.processing_mode == Some(ProcessingMode::Final)
            {
                return Err(error_at(
                    expression.position,
                    "INVALID_PROCESSING_MODE",
                    "FINAL semantics is not supported in DEFINE clause",
                ));
            }
        }
    }
    Ok(())
}

/// Where AFTER MATCH SKIP leads.
pub fn skip_of(written: Option<&SkipTo>, labels: &Labels) -> Result<Skip, Error> {
    let set_of = |name: &Identifier| {
        let set = labels.by_name.get(&label_name(name)).copied();
        set.ok_or_else(|| {
            let what = format!("{name} is not a primary or union pattern variable");
            invalid_label(name, what)
        })
    };
    Ok(match written {
        None | Some(SkipTo::PastLastRow(_)) => Skip::PastLastRow,
        Some(SkipTo::NextRow(_)) => Skip::ToNextRow,
        Some(SkipTo::First(name)) => Skip::ToFirst(set_of(name)?),
        Some(SkipTo::Last(name)) => Skip::ToLast(set_of(name)?),
    })
}

/// Fails where there is a search mode, or an exclusion where unmatched rows are asked for.
pub fn refuse_modes(written: &PatternRecognition) -> Result<(), Error> {
    if let Some(mode) = &written.search_mode {
        return Err(error_at(
            mode.position,
            "NOT_SUPPORTED",
            format!(
                "Pattern search modifier: {} is not allowed in MATCH_RECOGNIZE clause",
                mode.value.to_uppercase()
            ),
        ));
    }
    if written.rows_per_match != RowsPerMatch::AllWithUnmatched {
        return Ok(());
    }
    match exclusion_in(&written.pattern) {
        None => Ok(()),
        Some(exclusion) => Err(error_at(
            exclusion.position,
            "INVALID_ROW_PATTERN",
            "Pattern exclusion syntax is not allowed when ALL ROWS PER MATCH WITH UNMATCHED ROWS \
             is specified",
        )),
    }
}

/// Fails where a pattern says where the partition begins or ends, which a window's may not.
pub fn refuse_anchors(pattern: &RowPattern) -> Result<(), Error> {
    if matches!(
        pattern.kind,
        RowPatternKind::PartitionStart | RowPatternKind::PartitionEnd
    ) {
        return Err(error_at(
            pattern.position,
            "INVALID_ROW_PATTERN",
            "Anchor pattern syntax is not allowed in window",
        ));
    }
    parts_of(pattern).iter().try_for_each(refuse_anchors)
}

fn exclusion_in(pattern: &RowPattern) -> Option<&RowPattern> {
    if matches!(pattern.kind, RowPatternKind::Excluded(_)) {
        return Some(pattern);
    }
    parts_of(pattern).iter().find_map(exclusion_in)
}

fn invalid_label(name: &Identifier, message: String) -> Error {
    error_at(name.position, "INVALID_LABEL", message)
}
