//! A state machine as a picture: indented text, Mermaid, SVG.

mod layout;
mod mermaid;
mod svg;
mod text;

use clap::ValueEnum;
use serde_json::Value;

use super::Paint;

/// What a picture is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Indented text.
    Text,
    /// A flowchart of Mermaid, as GitHub shows it in Markdown.
    Mermaid,
    /// A picture for browsers.
    Svg,
}

/// Draws a definition.
pub fn draw(definition: &Value, format: Format, paint: Paint) -> String {
    match format {
        Format::Text => text::draw(definition, paint),
        Format::Mermaid => mermaid::draw(definition),
        Format::Svg => svg::draw(definition),
    }
}

/// What a state does, beyond its type: the resource of a task without its ARN's head, how long a
/// Wait waits, the error of a Fail.
fn does(state: &Value) -> String {
    let text = |field: &str| state[field].as_str().map(str::to_owned);
    match state["Type"].as_str() {
        Some("Task") => {
            let resource = text("Resource").unwrap_or_default();
            let known = ["arn:aws:states:::", "arn:aws-cn:states:::"];
            let short = known.iter().find_map(|head| resource.strip_prefix(head));
            short.unwrap_or(&resource).to_owned()
        }
        Some("Wait") => {
            let seconds = state["Seconds"].as_u64().map(|s| format!("{s} s"));
            let until = || text("Timestamp").or_else(|| text("SecondsPath"));
            seconds
                .or_else(|| text("Seconds"))
                .or_else(until)
                .or_else(|| text("TimestampPath"))
                .unwrap_or_default()
        }
        Some("Fail") => text("Error").unwrap_or_default(),
        Some("Map") => {
            let mode = &state["ItemProcessor"]["ProcessorConfig"]["Mode"];
            let is_distributed = mode == "DISTRIBUTED";
            let how = if is_distributed { "distributed" } else { "" };
            how.to_owned()
        }
        _ => String::new(),
    }
}

/// Whether a state ends its flow.
fn is_end(state: &Value) -> bool {
    state["End"] == true || matches!(state["Type"].as_str(), Some("Succeed" | "Fail"))
}

/// The errors that a state is tried again on, of each of its retriers.
fn retried(state: &Value) -> Vec<String> {
    let retriers = state["Retry"].as_array().into_iter().flatten();
    let errors = retriers.map(|retrier| {
        let errors = retrier["ErrorEquals"].as_array().into_iter().flatten();
        errors
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    });
    errors.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn machine() -> Value {
        json!({"StartAt": "Query", "States": {
            "Query": {"Type": "Task", "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
                "Next": "More?", "Retry": [{"ErrorEquals": ["States.ALL"]}],
                "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "No <\"luck\">"}]},
            "More?": {"Type": "Choice", "Default": "Both", "Choices": [
                {"Variable": "$.n", "NumericGreaterThan": 3, "Next": "Each"}]},
            "Each": {"Type": "Map", "Next": "Query", "ItemProcessor": {"StartAt": "Report",
                "States": {"Report": {"Type": "Pass", "End": true}}}},
            "Both": {"Type": "Parallel", "End": true, "Branches": [
                {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}},
                {"StartAt": "Go", "States": {"Go": {"Type": "Succeed"}}}]},
            "No <\"luck\">": {"Type": "Fail", "Error": "Luck"},
        }})
    }

    #[test]
    fn a_machine_as_text() {
        insta::assert_snapshot!(draw(&machine(), Format::Text, Paint(false)), @r#"
        ▶ Query        Task      athena:startQueryExecution.sync
            ↳ No <"luck">  on States.Timeout
            ↻ tried again on States.ALL
          More?        Choice
            → Each  if $.n > 3
            → Both  else
          Each         Map
            ▶ Report   Pass
                ■
            → Query
          Both         Parallel
            ▶ Rest     Wait      5 s
                ■
            ▶ Go       Succeed
                ■
            ■
          No <"luck">  Fail      Luck
            ■
        "#);
    }

    #[test]
    fn a_machine_as_mermaid() {
        insta::assert_snapshot!(draw(&machine(), Format::Mermaid, Paint(false)), @r#"
        flowchart TD
          start(( )) --> s0
          s0["Query<br/><i>Task athena:startQueryExecution.sync</i>"]
          s1{"More?"}
          subgraph s2["Each (Map)"]
            s2b0start(( )) --> s3
            s3["Report<br/><i>Pass</i>"]
            s2b0stop((( )))
          end
          subgraph s4["Both (Parallel)"]
            subgraph s4b0[" "]
              s4b0start(( )) --> s5
              s5["Rest<br/><i>Wait 5 s</i>"]
              s4b0stop((( )))
            end
            subgraph s4b1[" "]
              s4b1start(( )) --> s6
              s6(["Go"])
              s4b1stop((( )))
            end
          end
          s7(["No #lt;#quot;luck#quot;#gt;<br/><i>Fail Luck</i>"])
          stop((( )))
          s0 --> s1
          s0 -. "States.Timeout" .-> s7
          s0 -. "↻ States.ALL" .-> s0
          s1 -- "$.n #gt; 3" --> s2
          s1 -- "else" --> s4
          s2 --> s0
          s3 --> s2b0stop
          s4 --> stop
          s5 --> s4b0stop
          s6 --> s4b1stop
          s7 --> stop
        "#);
    }

    #[test]
    fn a_picture_has_every_state_once_and_escapes_names() {
        let svg = draw(&machine(), Format::Svg, Paint(false));
        for name in [
            "Query",
            "More?",
            "Each",
            "Report",
            "Both",
            "Rest",
            "Go",
            "No &lt;&quot;luck&quot;&gt;",
        ] {
            assert_eq!(
                svg.matches(&format!(">{name}</text>")).count(),
                1,
                "{name} in {svg}"
            );
        }
        // Five ways between states, and one into each of four flows.
        assert_eq!(svg.matches("<path class=\"way").count(), 5 + 4, "{svg}");
        assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
    }

    #[test]
    fn no_name_commands_the_terminal_or_breaks_a_line() {
        let evil = "a\x1b[2J\nb";
        let machine = json!({"StartAt": evil, "States": {
            evil: {"Type": "Fail", "Error": "E\x1b[32m"}}});
        insta::assert_snapshot!(draw(&machine, Format::Text, Paint(false)), @r"
        ▶ a·[2J⏎b  Fail      E·[32m
            ■
        ");
        for format in [Format::Mermaid, Format::Svg] {
            let drawn = draw(&machine, format, Paint(false));
            assert!(!drawn.contains('\x1b'), "{drawn}");
        }
    }

    #[test]
    fn boxes_of_one_flow_do_not_overlap() {
        let states: serde_json::Map<String, Value> = (0..40)
            .map(|n| {
                let next = |by: usize| format!("s{}", (n + by) % 40);
                let state = json!({"Type": "Choice", "Default": next(1), "Choices": [
                    {"Variable": "$.x", "IsPresent": true, "Next": next(7)},
                    {"Variable": "$.y", "IsPresent": true, "Next": next(3)}]});
                (format!("s{n}"), state)
            })
            .collect();
        let drawn = layout::of(&json!({"StartAt": "s0", "States": states}));
        for (at, one) in drawn.boxes.iter().enumerate() {
            for other in &drawn.boxes[at + 1..] {
                let apart = one.x + one.width <= other.x
                    || other.x + other.width <= one.x
                    || one.y + one.height <= other.y
                    || other.y + other.height <= one.y;
                assert!(apart, "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn what_is_no_machine_gives_an_empty_picture() {
        for value in [json!(null), json!({"StartAt": "x"}), json!({"States": {}})] {
            for format in [Format::Text, Format::Mermaid, Format::Svg] {
                let _ = draw(&value, format, Paint(false));
            }
        }
    }
}
