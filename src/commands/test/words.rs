//! What is wrong with the form of a file of cases, in the terms of TOML.

/// The error with its place, and without the names of Rust's types, which the file's author need not
/// know.
pub fn told(error: &toml::de::Error) -> String {
    let shown = error.to_string();
    let shown = shown.trim_end();
    match shown.strip_suffix(error.message()) {
        Some(head) => format!("{head}{}", in_words(error.message())),
        None => shown.to_owned(),
    }
}

fn in_words(message: &str) -> String {
    let Some((found, expected)) = message.rsplit_once(", expected ") else {
        return message.to_owned();
    };
    let found = match found {
        "invalid type: map" => "invalid type: a table",
        "invalid type: sequence" => "invalid type: a list",
        other => other,
    };
    let expected = match expected {
        "f64" => "a number",
        "usize" => "a whole number that is not below 0",
        "a string" => "a text in quotes",
        "a sequence" => "a list",
        "a map" => "a table",
        other => other,
    };
    format!("{found}, expected {expected}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Debug;

    use serde::de::DeserializeOwned;

    use super::*;

    /// What is told of a text whose keys have not the type that they are to have.
    fn told_of<T: Debug + DeserializeOwned>(text: &str) -> String {
        told(&toml::from_str::<BTreeMap<String, T>>(text).expect_err("a wrong type"))
    }

    #[test]
    fn types_have_the_names_of_toml() {
        let told = [
            told_of::<f64>("seconds = \"5\""),
            told_of::<BTreeMap<String, usize>>("visits = { Q = -1 }"),
            told_of::<BTreeMap<String, usize>>("visits = 5"),
            told_of::<Vec<String>>("path = \"Q\""),
            told_of::<Vec<String>>("path = [1]"),
            told_of::<Vec<String>>("[path]"),
        ];
        let said = [
            "string \"5\", expected a number",
            "integer `-1`, expected a whole number that is not below 0",
            "integer `5`, expected a table",
            "string \"Q\", expected a list",
            "integer `1`, expected a text in quotes",
            "invalid type: a table, expected a list",
        ];
        for (told, said) in told.iter().zip(said) {
            assert!(told.ends_with(said), "{told}");
            assert!(told.contains("line 1, column "), "{told}");
        }
    }
}
