//! What an execution is billed for.

use serde::Serialize;

use super::children::Children;
use crate::output::human;

/// Dollars for a state transition of a STANDARD machine, beyond the 4,000 a month that are free
/// (aws.amazon.com/step-functions/pricing, us-east-1).
const TRANSITION: f64 = 0.025 / 1000.0;

/// What is billed, and dollars for it, beyond what is free.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Bill {
    Standard {
        /// States entered, and retries; those of STANDARD child executions among them.
        transitions: usize,
        #[serde(flatten, skip_serializing_if = "Option::is_none")]
        children: Option<ChildrenBill>,
        cost: f64,
    },
    Express {
        billed_seconds: f64,
        billed_megabytes: i64,
        cost: f64,
    },
}

/// What of it is of the child executions of distributed Maps.
#[derive(Debug, Serialize)]
pub struct ChildrenBill {
    child_executions: usize,
    child_transitions: usize,
    /// Reckoned from some of them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    child_transitions_are_estimated: bool,
    /// Billed by their time, which is in no sum here.
    #[serde(skip_serializing_if = "is_zero")]
    express_child_executions: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Dollars without the dust of binary fractions.
fn cents(dollars: f64) -> f64 {
    (dollars * 1e9).round() / 1e9
}

impl Bill {
    /// Of a STANDARD execution with so many transitions of its own.
    pub fn standard(own: usize, children: Children) -> Self {
        let transitions = own + children.transitions;
        let has_children = children != Children::default();
        Self::Standard {
            transitions,
            children: has_children.then_some(ChildrenBill {
                child_executions: children.executions,
                child_transitions: children.transitions,
                child_transitions_are_estimated: children.is_estimate,
                express_child_executions: children.express,
            }),
            cost: cents(transitions as f64 * TRANSITION),
        }
    }

    /// Of an EXPRESS execution: one dollar for a million requests, and 0.00001667 for a second with
    /// a gigabyte (aws.amazon.com/step-functions/pricing, first tier).
    pub fn express(millis: i64, megabytes: i64) -> Self {
        let seconds = millis as f64 / 1000.0;
        let gigabyte_seconds = megabytes as f64 / 1024.0 * seconds;
        Self::Express {
            billed_seconds: seconds,
            billed_megabytes: megabytes,
            cost: cents(1e-6 + gigabyte_seconds * 0.000_016_67),
        }
    }

    /// `, 8 transitions; it cost $0.000200`, or what it would have cost where AWS does not bill it.
    pub fn told(&self, is_billed: bool) -> String {
        let (what, cost) = match self {
            Self::Standard {
                transitions,
                children,
                cost,
            } => (transitions_told(*transitions, children.as_ref()), *cost),
            Self::Express { cost, .. } => (String::new(), *cost),
        };
        let dollars = human::dollars(cost);
        let price = if is_billed {
            format!("it cost {dollars}")
        } else {
            format!("on AWS it would have cost {dollars}")
        };
        format!("{what}; {price}")
    }
}

fn transitions_told(transitions: usize, children: Option<&ChildrenBill>) -> String {
    let all = human::plural(transitions, "transition");
    let Some(children) = children else {
        return format!(", {all}");
    };
    let about = if children.child_transitions_are_estimated {
        "about "
    } else {
        ""
    };
    let mut text = format!(", {about}{all}");
    if children.child_executions > 0 {
        text.push_str(&format!(
            ", {about}{} of them in {}",
            human::count(children.child_transitions),
            human::plural(children.child_executions, "child execution")
        ));
    }
    if children.express_child_executions > 0 {
        let express = human::plural(children.express_child_executions, "EXPRESS child execution");
        text.push_str(&format!(", and {express} that are billed by their time, which is not in it"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_does_not_bill_would_have_cost_something_there() {
        let bill = Bill::standard(8, Children::default());
        assert_eq!(bill.told(true), ", 8 transitions; it cost $0.000200");
        let unbilled = ", 8 transitions; on AWS it would have cost $0.000200";
        assert_eq!(bill.told(false), unbilled);
    }

    #[test]
    fn a_cost_has_no_dust_and_says_what_it_is_of() {
        let json = |bill: Bill| serde_json::to_string(&bill).expect("JSON");
        let alone = Bill::standard(6, Children::default());
        assert_eq!(json(alone), r#"{"transitions":6,"cost":0.00015}"#);
        let children = Children {
            executions: 4,
            transitions: 12,
            is_estimate: false,
            express: 0,
        };
        insta::assert_snapshot!(json(Bill::standard(1, children)), @r#"{"transitions":13,"child_executions":4,"child_transitions":12,"cost":0.000325}"#);
        let estimated = Children {
            executions: 4000,
            transitions: 12_000,
            is_estimate: true,
            express: 2,
        };
        let Bill::Standard { transitions, children, .. } = Bill::standard(1, estimated) else {
            panic!("a bill of transitions");
        };
        insta::assert_snapshot!(transitions_told(transitions, children.as_ref()), @", about 12,001 transitions, about 12,000 of them in 4,000 child executions, and 2 EXPRESS child executions that are billed by their time, which is not in it");
        assert_eq!(
            json(Bill::express(100, 64)),
            r#"{"billed_seconds":0.1,"billed_megabytes":64,"cost":1.104e-6}"#
        );
    }
}
