//! Function signatures: `<s-nn?:s>`.
//!
//! A signature is a regular expression over one letter for the type of each argument, as in
//! jsonata-js, so that optional and repeated parameters match alike.

use super::error::Error;
use super::value::Value;

#[derive(Debug)]
struct Parameter {
    kind: char,
    /// A class of type letters.
    class: String,
    /// `?`, `+` or nothing.
    quantifier: &'static str,
    /// Takes the context where the argument is missing.
    context: bool,
    /// What an array is to hold.
    subtype: Option<String>,
}

impl Parameter {
    fn regex(&self) -> String {
        format!("{}{}", self.class, self.quantifier)
    }
}

#[derive(Debug)]
pub(super) struct Signature {
    parameters: Vec<Parameter>,
    regex: regex::Regex,
}

/// The letter that stands for a value's type; `m` for a missing one.
fn symbol(value: &Value) -> char {
    match value {
        Value::Undefined => 'm',
        Value::Null => 'l',
        Value::Bool(_) => 'b',
        Value::Number(_) => 'n',
        Value::String(_) => 's',
        Value::Array(_) => 'a',
        Value::Object(_) => 'o',
        Value::Function(_) => 'f',
    }
}

fn type_name(subtype: &str) -> &'static str {
    match subtype {
        "a" => "\"arrays\"",
        "b" => "\"booleans\"",
        "f" => "\"functions\"",
        "n" => "\"numbers\"",
        "o" => "\"objects\"",
        "s" => "\"strings\"",
        _ => "undefined",
    }
}

/// The place of the bracket that closes the one at `start`.
fn closing(text: &[char], start: usize, open: char, close: char) -> usize {
    let mut depth = 1;
    let mut position = start;
    while position + 1 < text.len() {
        position += 1;
        if text[position] == close {
            depth -= 1;
            if depth == 0 {
                break;
            }
        } else if text[position] == open {
            depth += 1;
        }
    }
    position
}

impl Signature {
    /// Parses a signature with its angle brackets.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let text: Vec<char> = text.chars().collect();
        let mut parameters: Vec<Parameter> = Vec::new();
        let mut position = 1;
        while let Some(&letter) = text.get(position) {
            let class = match letter {
                ':' => break,
                's' | 'n' | 'b' | 'l' | 'o' => Some(format!("[{letter}m]")),
                'a' | 'x' => Some("[asnblfom]".to_owned()),
                'f' => Some("f".to_owned()),
                'j' => Some("[asnblom]".to_owned()),
                '(' => {
                    let end = closing(&text, position, '(', ')');
                    let choice: String = text[position + 1..end.max(position + 1)].iter().collect();
                    if choice.contains('<') {
                        return Err(Error::of("S0402").at(position));
                    }
                    position = end;
                    let letters: String = choice.chars().filter(char::is_ascii_lowercase).collect();
                    Some(format!("[{letters}m]"))
                }
                '-' => {
                    if let Some(last) = parameters.last_mut() {
                        last.context = true;
                        last.quantifier = "?";
                    }
                    None
                }
                '?' | '+' => {
                    if let Some(last) = parameters.last_mut() {
                        last.quantifier = if letter == '?' { "?" } else { "+" };
                    }
                    None
                }
                '<' => match parameters.last_mut() {
                    Some(last) if matches!(last.kind, 'a' | 'f') => {
                        let end = closing(&text, position, '<', '>');
                        last.subtype = Some(text[position + 1..end.max(position + 1)].iter().collect());
                        position = end;
                        None
                    }
                    _ => return Err(Error::of("S0401").at(position)),
                },
                _ => None,
            };
            if let Some(class) = class {
                parameters.push(Parameter {
                    kind: letter,
                    class,
                    quantifier: "",
                    context: false,
                    subtype: None,
                });
            }
            position += 1;
        }
        let groups: String = parameters
            .iter()
            .map(|parameter| format!("({})", parameter.regex()))
            .collect();
        let regex = regex::Regex::new(&format!("^{groups}$"))
            .map_err(|error| Error::new("S0401", error.to_string()))?;
        Ok(Self { parameters, regex })
    }

    /// How many parameters there are.
    pub(super) fn arity(&self) -> usize {
        self.parameters.len()
    }

    /// The arguments as the function takes them: a single value where an array is wanted becomes
    /// one, the context takes the place of a missing argument that may be left out.
    pub(super) fn validate(&self, arguments: Vec<Value>, context: &Value) -> Result<Vec<Value>, Error> {
        let supplied: String = arguments.iter().map(symbol).collect();
        let Some(captures) = self.regex.captures(&supplied) else {
            return Err(self.mismatch(&supplied));
        };
        let mut validated = Vec::with_capacity(arguments.len().max(self.parameters.len()));
        let mut index = 0;
        for (group, parameter) in self.parameters.iter().enumerate() {
            let matched = captures.get(group + 1).map_or("", |group| group.as_str());
            if matched.is_empty() {
                if !parameter.context {
                    validated.push(arguments.get(index).cloned().unwrap_or(Value::Undefined));
                    index += 1;
                } else if parameter.class.contains(symbol(context)) {
                    validated.push(context.clone());
                } else {
                    return Err(Error::of("T0411").with("index", &(index + 1).to_string()));
                }
                continue;
            }
            for single in matched.chars() {
                let argument = arguments.get(index).cloned().unwrap_or(Value::Undefined);
                index += 1;
                validated.push(if parameter.kind == 'a' && single != 'm' {
                    if !fits(parameter.subtype.as_deref(), matched, &argument) {
                        let subtype = parameter.subtype.as_deref().unwrap_or_default();
                        return Err(Error::of("T0412")
                            .with("index", &index.to_string())
                            .with("type", type_name(subtype)));
                    }
                    match argument {
                        Value::Array(_) => argument,
                        single => Value::array(vec![single]),
                    }
                } else {
                    argument
                });
            }
        }
        Ok(validated)
    }

    fn mismatch(&self, supplied: &str) -> Error {
        let mut partial = "^".to_owned();
        let mut good = 0;
        for parameter in &self.parameters {
            partial.push_str(&parameter.regex());
            let found = regex::Regex::new(&partial).ok();
            match found.and_then(|regex| regex.find(supplied).map(|found| found.len())) {
                Some(length) => good = length,
                None => break,
            }
        }
        Error::of("T0410").with("index", &(good + 1).to_string())
    }
}

/// Whether the argument holds what the type parameter of an array wants.
fn fits(subtype: Option<&str>, matched: &str, argument: &Value) -> bool {
    let Some(subtype) = subtype else {
        return true;
    };
    let Value::Array(array) = argument else {
        return matched == subtype;
    };
    let wanted = subtype.chars().next();
    array.items.iter().all(|item| Some(symbol(item)) == wanted)
}
