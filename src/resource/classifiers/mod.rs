//! Glue's custom classifiers.
//!
//! They carry no tags: the name `athglue/STACK/ID` is the mark.

mod fields;
mod keys;
#[cfg(all(test, feature = "local"))]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_glue::types::Classifier as GlueClassifier;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use self::keys::Keys;
use super::{
    Address, Attribute, Call, CallError, Fields, Identity, Kind, Live, Ownership, Problem,
    Resource, Scope, Work, call, keys, unless_gone,
};
use crate::cloud::Cloud;

pub(super) struct Classifiers;

#[derive(Debug)]
struct Classifier {
    identity: Identity,
    keys: Keys,
}

/// What the names of a stack's classifiers start with. No stack's name has a slash in it, so none
/// is the start of another's.
fn prefix(scope: &Scope) -> String {
    format!("athglue/{}/", scope.stack)
}

impl Kind for Classifiers {
    fn name(&self) -> &'static str {
        "classifiers"
    }

    fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        Keys::json_schema(generator)
    }

    fn attributes(&self) -> &'static [Attribute] {
        &[Attribute {
            name: "name",
            doc: "the classifier's name, `athglue/STACK/ID`",
        }]
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["type"]
    }

    fn build(
        &self,
        address: Address,
        config: Value,
        scope: &Scope,
    ) -> Result<Arc<dyn Resource>, Vec<Problem>> {
        let keys: Keys = keys(config)?;
        let mistakes = keys.mistakes();
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let name = format!("{}{}", prefix(scope), address.id);
        Ok(Arc::new(Classifier {
            identity: Identity::new(address, name, BTreeMap::new(), scope),
            keys,
        }))
    }

    fn owned<'a>(&'a self, cloud: &'a Cloud, scope: &'a Scope) -> Call<'a, Vec<Arc<dyn Resource>>> {
        Box::pin(async move {
            let mut owned: Vec<Arc<dyn Resource>> = Vec::new();
            let mut pages = cloud.glue.get_classifiers().into_paginator().send();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| CallError::of("GetClassifiers", error))?;
                for name in page.classifiers().iter().filter_map(fields::name) {
                    let Some(id) = name.strip_prefix(&prefix(scope)) else {
                        continue;
                    };
                    let address = Address::new(self.name(), id);
                    owned.push(Arc::new(Classifier {
                        identity: Identity::new(address, name, BTreeMap::new(), scope),
                        keys: Keys::default(),
                    }));
                }
            }
            Ok(owned)
        })
    }
}

impl Classifier {
    async fn get(&self, cloud: &Cloud) -> Result<Option<GlueClassifier>, CallError> {
        let request = cloud.glue.get_classifier().name(&self.identity.name);
        let answer = call!("GetClassifier", request);
        let found = unless_gone(answer, &["EntityNotFoundException"])?;
        Ok(found.and_then(|found| found.classifier))
    }
}

impl Resource for Classifier {
    fn address(&self) -> &Address {
        &self.identity.address
    }

    fn kind(&self) -> &'static str {
        Classifiers.name()
    }

    fn name(&self) -> &str {
        &self.identity.name
    }

    fn attribute(&self, _: &str) -> Option<String> {
        None
    }

    fn desired(&self) -> Fields {
        fields::desired(&self.keys)
    }

    fn read<'a>(&'a self, cloud: &'a Cloud) -> Call<'a, Option<Live>> {
        Box::pin(async move {
            let mark = self.identity.mark();
            Ok(self.get(cloud).await?.map(|live| Live {
                fields: fields::live(&live),
                ownership: Ownership::Marked {
                    stack: mark.stack,
                    id: mark.id,
                },
            }))
        })
    }

    fn create<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let (name, keys) = (self.name(), &self.keys);
            let request = work
                .cloud
                .glue
                .create_classifier()
                .set_csv_classifier(fields::create_csv(name, keys)?)
                .set_json_classifier(fields::create_json(name, keys)?)
                .set_grok_classifier(fields::create_grok(name, keys)?)
                .set_xml_classifier(fields::create_xml(name, keys)?);
            call!("CreateClassifier", request).map(drop)
        })
    }

    fn update<'a>(
        &'a self,
        work: &'a Work<'a>,
        _live: &'a Live,
        _changed: &'a BTreeSet<String>,
    ) -> Call<'a, ()> {
        Box::pin(async move {
            let (name, keys) = (self.name(), &self.keys);
            let live = self.get(work.cloud).await?;
            let live = live.as_ref();
            let request = work
                .cloud
                .glue
                .update_classifier()
                .set_csv_classifier(fields::update_csv(name, keys, live)?)
                .set_json_classifier(fields::update_json(name, keys)?)
                .set_grok_classifier(fields::update_grok(name, keys, live)?)
                .set_xml_classifier(fields::update_xml(name, keys, live)?);
            call!("UpdateClassifier", request).map(drop)
        })
    }

    fn delete<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let request = work.cloud.glue.delete_classifier().name(self.name());
            let answer = call!("DeleteClassifier", request);
            unless_gone(answer, &["EntityNotFoundException"]).map(drop)
        })
    }
}
