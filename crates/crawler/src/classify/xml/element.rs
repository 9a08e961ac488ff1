//! What is known of the elements of one name in one place.

use std::collections::HashMap;

use quick_xml::events::BytesStart;

use crate::schema::{Field, Type};

/// What stands before an attribute's name.
const ATTRIBUTE: &str = "_";

/// The field of text that stands beside attributes or elements.
const VALUE: &str = "_VALUE";

/// One element, or several of the same place and name in one.
#[derive(Debug, Default)]
pub(super) struct Element {
    text: String,
    /// Of the texts of those that were merged.
    text_type: Option<Type>,
    attributes: Vec<Field>,
    children: Vec<Child>,
    places: HashMap<String, usize>,
}

#[derive(Debug)]
struct Child {
    name: String,
    element: Element,
    /// How many the element has, while it is read.
    count: usize,
    repeated: bool,
}

impl Element {
    /// Gives nothing for attributes that are not well formed.
    pub fn with_attributes(start: &BytesStart<'_>) -> Option<Self> {
        let mut element = Self::default();
        for attribute in start.attributes() {
            let attribute = attribute.ok()?;
            let name = attribute.key.as_ref().to_owned();
            if name == "xmlns" || name.starts_with("xmlns:") {
                continue;
            }
            let value = attribute.value.into_owned();
            let field = Field::new(format!("{ATTRIBUTE}{name}"), type_of(value.trim()));
            element.attributes.push(field);
        }
        Some(element)
    }

    pub fn add_text(&mut self, text: &str) {
        // Long enough to tell a number from a text.
        if self.text.len() < 1024 {
            self.text.push_str(text);
        }
    }

    pub fn add_child(&mut self, name: String, element: Element) {
        let child = self.child(name);
        child.count += 1;
        child.repeated |= child.count > 1;
        child.element.merge(element);
    }

    fn child(&mut self, name: String) -> &mut Child {
        let place = *self.places.entry(name.clone()).or_insert_with(|| {
            self.children.push(Child {
                name,
                element: Element::default(),
                count: 0,
                repeated: false,
            });
            self.children.len() - 1
        });
        &mut self.children[place]
    }

    /// Takes in another element of the same name.
    pub fn merge(&mut self, other: Element) {
        let text_type = other.own_type();
        self.text_type = match (self.text_type.take(), text_type) {
            (Some(one), Some(two)) => Some(one.merge(&two)),
            (one, two) => one.or(two),
        };
        for attribute in other.attributes {
            let known = self
                .attributes
                .iter_mut()
                .find(|a| a.name == attribute.name);
            match known {
                Some(known) => known.data_type = known.data_type.merge(&attribute.data_type),
                None => self.attributes.push(attribute),
            }
        }
        for child in other.children {
            let own = self.child(child.name);
            own.repeated |= child.repeated;
            own.element.merge(child.element);
        }
    }

    /// The type of its text, if it is more than space.
    fn own_type(&self) -> Option<Type> {
        let text = self.text.trim();
        if text.is_empty() {
            return self.text_type.clone();
        }
        let own = type_of(text);
        Some(match &self.text_type {
            Some(known) => known.merge(&own),
            None => own,
        })
    }

    /// Attributes, elements, and the text beside them.
    pub fn fields(&self) -> Vec<Field> {
        let mut fields = self.attributes.clone();
        for child in &self.children {
            let of_one = child.element.data_type();
            let data_type = if child.repeated {
                Type::array(of_one)
            } else {
                of_one
            };
            fields.push(Field::new(child.name.clone(), data_type));
        }
        if let Some(data_type) = self.own_type() {
            fields.push(Field::new(VALUE, data_type));
        }
        fields
    }

    fn data_type(&self) -> Type {
        if self.attributes.is_empty() && self.children.is_empty() {
            self.own_type().unwrap_or(Type::Unknown)
        } else {
            Type::Struct(self.fields())
        }
    }
}

/// The type of a text, as the JSON classifier would call it.
fn type_of(text: &str) -> Type {
    let starts_as_number = text
        .trim_start_matches(['-', '+'])
        .starts_with(|c: char| c.is_ascii_digit() || c == '.');
    match text {
        "" => Type::Unknown,
        "true" | "false" => Type::Boolean,
        _ if text.parse::<i32>().is_ok() => Type::Int,
        _ if text.parse::<i64>().is_ok() => Type::Bigint,
        _ if starts_as_number && text.parse::<f64>().is_ok() => Type::Double,
        _ => Type::String,
    }
}
