//! Function signatures: `<s-nn?:s>`.
//!
//! A signature is matched like a regular expression over one letter for the type of each argument,
//! as in jsonata-js: optional and repeated parameters take as much as they can.

use super::error::Error;
use super::value::Value;

/// The most parameters that a signature may have.
const PARAMETERS: usize = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantifier {
    One,
    /// `?`
    Optional,
    /// `+`
    Many,
}

#[derive(Debug)]
struct Parameter {
    kind: char,
    /// The type letters that it takes.
    class: String,
    quantifier: Quantifier,
    /// Takes the context where the argument is missing.
    context: bool,
    /// What an array is to hold.
    subtype: Option<String>,
}

#[derive(Debug)]
pub(super) struct Signature {
    parameters: Vec<Parameter>,
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
                's' | 'n' | 'b' | 'l' | 'o' => Some(format!("{letter}m")),
                'a' | 'x' => Some("asnblfom".to_owned()),
                'f' => Some("f".to_owned()),
                'j' => Some("asnblom".to_owned()),
                '(' => {
                    let end = closing(&text, position, '(', ')');
                    let choice: String = text[position + 1..end.max(position + 1)].iter().collect();
                    if choice.contains('<') {
                        return Err(Error::of("S0402").at(position));
                    }
                    position = end;
                    let letters: String = choice.chars().filter(char::is_ascii_lowercase).collect();
                    Some(format!("{letters}m"))
                }
                '-' => {
                    if let Some(last) = parameters.last_mut() {
                        last.context = true;
                        last.quantifier = Quantifier::Optional;
                    }
                    None
                }
                '?' | '+' => {
                    if let Some(last) = parameters.last_mut() {
                        last.quantifier = if letter == '?' {
                            Quantifier::Optional
                        } else {
                            Quantifier::Many
                        };
                    }
                    None
                }
                '<' => match parameters.last_mut() {
                    Some(last) if matches!(last.kind, 'a' | 'f') => {
                        let end = closing(&text, position, '<', '>');
                        last.subtype =
                            Some(text[position + 1..end.max(position + 1)].iter().collect());
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
                    quantifier: Quantifier::One,
                    context: false,
                    subtype: None,
                });
            }
            position += 1;
        }
        if parameters.len() > PARAMETERS {
            return Err(Error::new("S0401", "The signature has too many parameters"));
        }
        Ok(Self { parameters })
    }

    /// How many parameters there are.
    pub(super) fn arity(&self) -> usize {
        self.parameters.len()
    }

    /// The arguments as the function takes them: a single value where an array is wanted becomes
    /// one, the context takes the place of a missing argument that may be left out.
    pub(super) fn validate(
        &self,
        arguments: Vec<Value>,
        context: &Value,
    ) -> Result<Vec<Value>, Error> {
        let supplied: Vec<char> = arguments.iter().map(symbol).collect();
        let Some(counts) = take(&self.parameters, &supplied, true) else {
            return Err(self.mismatch(&supplied));
        };
        let mut validated = Vec::with_capacity(arguments.len().max(self.parameters.len()));
        let mut index = 0;
        for (parameter, count) in self.parameters.iter().zip(counts) {
            if count == 0 {
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
            for _ in 0..count {
                let argument = arguments.get(index).cloned().unwrap_or(Value::Undefined);
                index += 1;
                validated.push(if parameter.kind == 'a' && !argument.is_undefined() {
                    if !fits(parameter.subtype.as_deref(), &argument) {
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

    fn mismatch(&self, supplied: &[char]) -> Error {
        let mut good = 0;
        for end in 1..=self.parameters.len() {
            match take(&self.parameters[..end], supplied, false) {
                Some(counts) => good = counts.iter().sum(),
                None => break,
            }
        }
        Error::of("T0410").with("index", &(good + 1).to_string())
    }
}

/// How many of the letters each parameter takes: as many as it can, the first ones first. `whole`
/// means that no letter may be left.
fn take(parameters: &[Parameter], letters: &[char], whole: bool) -> Option<Vec<usize>> {
    let width = letters.len() + 1;
    let mut search = Search {
        parameters,
        letters,
        whole,
        failed: vec![false; (parameters.len() + 1) * width],
        counts: Vec::with_capacity(parameters.len()),
    };
    search.from(0).then_some(search.counts)
}

struct Search<'s> {
    parameters: &'s [Parameter],
    letters: &'s [char],
    whole: bool,
    /// Where no way leads on, by parameter and letter: none is gone twice.
    failed: Vec<bool>,
    counts: Vec<usize>,
}

impl Search<'_> {
    fn from(&mut self, at: usize) -> bool {
        let Some(parameter) = self.parameters.get(self.counts.len()) else {
            return !self.whole || at == self.letters.len();
        };
        let place = self.counts.len() * (self.letters.len() + 1) + at;
        if self.failed[place] {
            return false;
        }
        let (least, most) = match parameter.quantifier {
            Quantifier::One => (1, 1),
            Quantifier::Optional => (0, 1),
            Quantifier::Many => (1, usize::MAX),
        };
        let most = self.letters[at..]
            .iter()
            .take(most)
            .take_while(|letter| parameter.class.contains(**letter))
            .count();
        for count in (least..=most).rev() {
            self.counts.push(count);
            if self.from(at + count) {
                return true;
            }
            self.counts.pop();
        }
        self.failed[place] = true;
        false
    }
}

/// Whether the argument holds what the type parameter of an array wants.
fn fits(subtype: Option<&str>, argument: &Value) -> bool {
    let Some(subtype) = subtype else {
        return true;
    };
    let Value::Array(array) = argument else {
        return subtype.chars().eq([symbol(argument)]);
    };
    let wanted = subtype.chars().next();
    array.items.iter().all(|item| Some(symbol(item)) == wanted)
}
