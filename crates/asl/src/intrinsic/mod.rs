//! The intrinsic functions of JSONPath states: `States.Format('{}', $.name)`.
//!
//! Source: "Intrinsics for JSONPath states" in the Step Functions developer guide, and the
//! States Language specification, appendix B.

mod array;
mod encoding;
mod json;
mod math;
mod parser;
mod text;
mod variables;

use serde_json::Value;

use crate::jsonpath::{JsonPath, Scope};

/// How deep calls may be nested, the outermost counted.
const MAX_DEPTH: usize = 10;

type Arguments<'a> = &'a [Value];

/// One function. It takes its evaluated arguments and says in words what is wrong with them.
pub(crate) struct Function {
    name: &'static str,
    /// The fewest and the most arguments.
    arity: (usize, usize),
    call: fn(Arguments) -> Result<Value, String>,
}

/// All functions there are.
const FUNCTIONS: &[Function] = &[
    Function {
        name: "States.Array",
        arity: (0, usize::MAX),
        call: array::array,
    },
    Function {
        name: "States.ArrayPartition",
        arity: (2, 2),
        call: array::array_partition,
    },
    Function {
        name: "States.ArrayContains",
        arity: (2, 2),
        call: array::array_contains,
    },
    Function {
        name: "States.ArrayRange",
        arity: (3, 3),
        call: array::array_range,
    },
    Function {
        name: "States.ArrayGetItem",
        arity: (2, 2),
        call: array::array_get_item,
    },
    Function {
        name: "States.ArrayLength",
        arity: (1, 1),
        call: array::array_length,
    },
    Function {
        name: "States.ArrayUnique",
        arity: (1, 1),
        call: array::array_unique,
    },
    Function {
        name: "States.Base64Encode",
        arity: (1, 1),
        call: encoding::base64_encode,
    },
    Function {
        name: "States.Base64Decode",
        arity: (1, 1),
        call: encoding::base64_decode,
    },
    Function {
        name: "States.Hash",
        arity: (2, 2),
        call: encoding::hash,
    },
    Function {
        name: "States.JsonMerge",
        arity: (3, 3),
        call: json::json_merge,
    },
    Function {
        name: "States.StringToJson",
        arity: (1, 1),
        call: json::string_to_json,
    },
    Function {
        name: "States.JsonToString",
        arity: (1, 1),
        call: json::json_to_string,
    },
    Function {
        name: "States.MathRandom",
        arity: (2, 3),
        call: math::math_random,
    },
    Function {
        name: "States.MathAdd",
        arity: (2, 2),
        call: math::math_add,
    },
    Function {
        name: "States.StringSplit",
        arity: (2, 2),
        call: text::string_split,
    },
    Function {
        name: "States.Format",
        arity: (1, usize::MAX),
        call: text::format,
    },
    Function {
        name: "States.UUID",
        arity: (0, 0),
        call: text::uuid,
    },
];

pub(crate) use encoding::{BASE64, digest};

/// The text is no call of an intrinsic function; says why.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Invalid(pub String);

/// Why a call gave no value, in a sentence that names it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum Failure {
    /// A path among the arguments selects nothing.
    #[error(
        "The function '{call}' had the following error: The JsonPath argument for the field '{path}' could not be found in the input '{input}'"
    )]
    PathNotFound {
        call: String,
        path: String,
        input: String,
    },
    #[error("The function '{call}' had the following error: {problem}")]
    Refused { call: String, problem: String },
}

/// A call whose function exists and takes that many arguments.
#[derive(Clone)]
pub(crate) struct Call {
    text: String,
    function: &'static Function,
    arguments: Vec<Argument>,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

#[derive(Clone, Debug)]
enum Argument {
    /// A number, a boolean or null.
    Literal(Value),
    /// What stands between the quotes, escapes included.
    Text(String),
    Path(JsonPath),
    Call(Call),
}

impl Call {
    /// Reads a call; the text has to start with `States.`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        parser::parse(text)
    }

    pub fn evaluate(&self, scope: Scope) -> Result<Value, Failure> {
        let arguments = self
            .arguments
            .iter()
            .map(|argument| self.argument(argument, scope))
            .collect::<Result<Vec<_>, _>>()?;
        (self.function.call)(&arguments).map_err(|problem| Failure::Refused {
            call: self.text.clone(),
            problem,
        })
    }

    fn argument(&self, argument: &Argument, scope: Scope) -> Result<Value, Failure> {
        match argument {
            Argument::Literal(value) => Ok(value.clone()),
            // A template's escaped braces are the template's own affair.
            Argument::Text(text) if self.function.name == "States.Format" => {
                Ok(Value::String(text.replace("\\'", "'")))
            }
            Argument::Text(text) => Ok(Value::String(unescape(text))),
            Argument::Path(path) => path.read(scope).map_err(|_| Failure::PathNotFound {
                call: self.text.clone(),
                path: path.text.clone(),
                input: scope.input.to_string(),
            }),
            Argument::Call(call) => call.evaluate(scope),
        }
    }
}

fn unescape(text: &str) -> String {
    let mut unescaped = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        unescaped.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    unescaped
}

/// A whole number among the arguments; fractions are rounded as Java's `Math.round` does.
fn integer(arguments: Arguments, index: usize) -> Result<i64, String> {
    let value = &arguments[index];
    value
        .as_i64()
        .or_else(|| value.as_f64().map(|number| (number + 0.5).floor() as i64))
        .ok_or_else(|| format!("Argument {} must be a number, but was: {value}", index + 1))
}

fn string(arguments: Arguments<'_>, index: usize) -> Result<&str, String> {
    arguments[index].as_str().ok_or_else(|| {
        format!(
            "Argument {} must be a string, but was: {}",
            index + 1,
            arguments[index]
        )
    })
}

fn array(arguments: Arguments<'_>, index: usize) -> Result<&Vec<Value>, String> {
    arguments[index].as_array().ok_or_else(|| {
        format!(
            "Argument {} must be an array, but was: {}",
            index + 1,
            arguments[index]
        )
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::Call;
    use crate::context::{About, Context};
    use crate::jsonpath::{Scope, Variables};

    fn call(text: &str) -> Result<Value, String> {
        let input = json!({"a": [1, 2, 3], "name": "World", "o": {"x": 1}});
        let scope = Scope {
            input: &input,
            context: &Context::new(Arc::default(), About::default()),
            variables: &Variables::new(),
        };
        Call::parse(text)
            .map_err(|error| error.0)?
            .evaluate(scope)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn calls_nest_and_read_paths_texts_and_numbers() {
        assert_eq!(
            call("States.ArrayGetItem(States.StringSplit('a-b', '-'), 1)"),
            Ok(json!("b"))
        );
        assert_eq!(
            call("States.Format('Hello {}, {} times', $.name, 3)"),
            Ok(json!("Hello World, 3 times"))
        );
        assert_eq!(call("States.ArrayContains($.a, 2)"), Ok(json!(true)));
        assert_eq!(
            call("States.Array($.a[1], true, null, 'x,y)')"),
            Ok(json!([2, true, null, "x,y)"]))
        );
        assert_eq!(call("States.ArrayRange(9, 1, -4)"), Ok(json!([9, 5, 1])));
        assert_eq!(
            call("States.ArrayUnique(States.Array(1, 1, '1'))"),
            Ok(json!([1, "1"]))
        );
        assert_eq!(call("States.Base64Decode('RGF0YQ==')"), Ok(json!("Data")));
        assert_eq!(call("States.Base64Decode('RGF0YQ')"), Ok(json!("Data")));
        assert_eq!(
            call("States.StringToJson('{\"a\":1}')"),
            Ok(json!({"a": 1}))
        );
    }

    #[test]
    fn an_object_is_formatted_as_java_shows_it() {
        let input = json!({"o": {"Arg1": 1, "Arg2": []}, "deep": {"a": {"b": ["x", null, 1.5]}}});
        let format = |text: &str| {
            let scope = Scope {
                input: &input,
                context: &Context::new(Arc::default(), About::default()),
                variables: &Variables::new(),
            };
            Call::parse(text).unwrap().evaluate(scope).unwrap()
        };
        assert_eq!(
            format("States.Format('fst={} and snd={}.', $.o, $.o)"),
            json!("fst={Arg1=1, Arg2=[]} and snd={Arg1=1, Arg2=[]}.")
        );
        assert_eq!(
            format("States.Format('{}', $.deep)"),
            json!("{a={b=[x, null, 1.5]}}")
        );
        assert!(call("States.Format('{}', $.a)").is_err());
    }

    #[test]
    fn a_zero_with_a_sign_and_no_fraction_is_a_whole_number() {
        for (text, expected) in [
            ("-0", "0"),
            (" -0 ", "0"),
            ("[-0, -0, 1e-0, -0.5]", "[0,0,1.0,-0.5]"),
            (r#"{"a-0": "-0, -0", "b":-0}"#, r#"{"a-0":"-0, -0","b":0}"#),
            (r#"["\\", -0, "\", -0"]"#, r#"["\\",0,"\", -0"]"#),
        ] {
            let read = super::json::parse_json(text).unwrap();
            assert_eq!(read.to_string(), expected, "{text}");
        }
        assert!(super::json::parse_json("--0").is_err());
        assert!(super::json::parse_json("-01").is_err());
    }

    #[test]
    fn braces_and_quotes_can_be_escaped() {
        assert_eq!(
            call(r"States.Format('it\'s \{\} {}', 1)"),
            Ok(json!("it's {} 1"))
        );
        assert_eq!(
            call(r"States.Array('a\\b', 'c\'d')"),
            Ok(json!([r"a\b", "c'd"]))
        );
    }

    #[test]
    fn a_call_that_cannot_be_made_is_refused_before_it_runs() {
        for text in [
            "States.Nope()",
            "States.UUID(1)",
            "States.Hash('a')",
            "States.Array(",
            "States.Array(1) 2",
            r"States.Array('\n')",
            r#"States.Format('He said, \"Hello, {}!\"', 'Ada')"#,
            r#"States.StringToJson('{"text":"a \"quote\" here"}')"#,
            "States.Array('a",
        ] {
            assert!(Call::parse(text).is_err(), "{text}");
        }
        let deep =
            |depth: usize| format!("{}1{}", "States.Array(".repeat(depth), ")".repeat(depth));
        assert!(Call::parse(&deep(10)).is_ok());
        assert!(Call::parse(&deep(11)).is_err());
    }

    #[test]
    fn a_failing_call_names_itself_and_what_is_wrong() {
        assert_eq!(
            call("States.Format('{}', $.nope)").unwrap_err(),
            "The function 'States.Format('{}', $.nope)' had the following error: The JsonPath argument for the field '$.nope' could not be found in the input '{\"a\":[1,2,3],\"name\":\"World\",\"o\":{\"x\":1}}'"
        );
        for text in [
            "States.ArrayGetItem($.a, 3)",
            "States.ArrayPartition($.a, 0)",
            "States.ArrayRange(0, 1000, 1)",
            "States.ArrayRange(0, 5, 0)",
            "States.Hash('a', 'CRC')",
            "States.Base64Decode('RGF0Y')",
            "States.JsonMerge($.o, $.o, true)",
            "States.Format('{} {}', 1)",
            "States.StringToJson('{')",
            "States.MathAdd('a', 1)",
        ] {
            assert!(
                call(text)
                    .unwrap_err()
                    .starts_with(&format!("The function '{text}' had the following error: ")),
                "{text}"
            );
        }
    }
}
