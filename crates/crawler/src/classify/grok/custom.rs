//! Grok classifiers of a user's own.

use std::borrow::Cow;
use std::collections::BTreeMap;

use hive_formats::grok::{FieldType, GrokField};

use super::{Grok, Matches, matches};
use crate::classify::custom::GrokClassifier;
use crate::classify::{Classified, Layout, Records, Shape, Unreadable};
use crate::sample::Sample;
use crate::schema::{Field, Type};

/// Glue's SerDe for tables that a grok classifier of a user's own finds.
pub(super) const GROK_SERDE: &str = "com.amazonaws.glue.serde.GrokSerDe";

/// What the file holds, and the share of its lines that match; nothing if none does.
pub(crate) async fn classify(
    classifier: &GrokClassifier,
    sample: &mut Sample,
) -> Result<Option<(Classified, f64)>, Unreadable> {
    let Some(found) = matches(&classifier.grok, sample).await? else {
        return Ok(None);
    };
    if found.matched == 0 {
        return Ok(None);
    }
    let layout = layout(
        Cow::Owned(classifier.classification.clone()),
        &classifier.pattern,
        classifier.custom_patterns.as_deref(),
        sample,
    );
    let classified = classified(layout, &classifier.grok, sample, found, 0);
    Ok(Some((classified, found.certainty())))
}

pub(super) fn layout(
    classification: Cow<'static, str>,
    pattern: &str,
    custom_patterns: Option<&str>,
    sample: &Sample,
) -> Layout {
    let mut layout = Layout::text(classification, sample.compression(), GROK_SERDE);
    layout
        .serde_parameters
        .insert("input.format", pattern.to_owned());
    layout
        .table_parameters
        .insert("grokPattern", pattern.to_owned());
    if let Some(patterns) = custom_patterns {
        layout
            .serde_parameters
            .insert("input.grokCustomPatterns", patterns.to_owned());
        layout
            .table_parameters
            .insert("grokCustomPatterns", patterns.to_owned());
    }
    layout.by_place = true;
    layout
}

/// For lines of which those that stand `before` the records are not counted.
pub(super) fn classified(
    layout: Layout,
    grok: &Grok,
    sample: &Sample,
    found: Matches,
    before: u64,
) -> Classified {
    Classified {
        shape: Shape {
            layout,
            switches: BTreeMap::new(),
            columns: grok.fields().iter().map(column).collect(),
            unproven_header: None,
            is_header_told: false,
        },
        records: Records::of_lines(sample, found.lines, before, found.end as u64),
        counts: Some(Vec::new()),
        remarks: Vec::new(),
    }
}

fn column(field: &GrokField) -> Field {
    let data_type = match field.data_type {
        FieldType::Byte => Type::Tinyint,
        FieldType::Boolean => Type::Boolean,
        FieldType::Double => Type::Double,
        FieldType::Short => Type::Smallint,
        FieldType::Int => Type::Int,
        FieldType::Long => Type::Bigint,
        FieldType::Float => Type::Float,
        FieldType::String => Type::String,
    };
    Field::new(field.name.as_str(), data_type)
}
