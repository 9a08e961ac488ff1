//! The tasks of a definition, wherever they stand in it.

use serde_json::Value;

/// A Task state.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskState<'a> {
    pub name: &'a str,
    pub state: &'a Value,
    /// The names and indices that lead to the state.
    pub path: Vec<String>,
}

impl TaskState<'_> {
    pub fn resource(&self) -> Option<&str> {
        self.state["Resource"].as_str()
    }

    /// The path to a value of the state.
    pub fn path_to(&self, steps: &[&str]) -> Vec<String> {
        let steps = steps.iter().map(|step| (*step).to_owned());
        self.path.iter().cloned().chain(steps).collect()
    }

    /// The text of a parameter that does not depend on the input, and the path to it. Whatever the
    /// query language: `Parameters` or `Arguments`.
    #[cfg(any(test, feature = "local"))]
    pub fn parameter(&self, name: &str) -> Option<(&str, Vec<String>)> {
        ["Parameters", "Arguments"].into_iter().find_map(|field| {
            let text = self.state[field][name].as_str()?;
            let is_query = text.starts_with("{%");
            (!is_query).then(|| (text, self.path_to(&[field, name])))
        })
    }
}

/// The Task states of a definition, those within Map and Parallel included.
pub fn tasks(definition: &Value) -> Vec<TaskState<'_>> {
    let mut found = Vec::new();
    of_flow(definition, &mut Vec::new(), &mut found);
    found
}

fn of_flow<'a>(flow: &'a Value, path: &mut Vec<String>, found: &mut Vec<TaskState<'a>>) {
    path.push("States".to_owned());
    for (name, state) in flow["States"].as_object().into_iter().flatten() {
        path.push(name.clone());
        match state["Type"].as_str() {
            Some("Task") => found.push(TaskState {
                name,
                state,
                path: path.clone(),
            }),
            Some("Map") => {
                for field in ["ItemProcessor", "Iterator"] {
                    path.push(field.to_owned());
                    of_flow(&state[field], path, found);
                    path.pop();
                }
            }
            Some("Parallel") => {
                for (index, branch) in super::list(&state["Branches"]).enumerate() {
                    path.extend(["Branches".to_owned(), index.to_string()]);
                    of_flow(branch, path, found);
                    path.truncate(path.len() - 2);
                }
            }
            _ => {}
        }
        path.pop();
    }
    path.pop();
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tasks_are_found_with_the_way_to_them() {
        let task = |sql: &str| json!({"States": {"T": {"Type": "Task", "Resource": "r", "Arguments": {"Sql": sql}}}});
        let definition = json!({"States": {
            "All": {"Type": "Map", "ItemProcessor": task("a")},
            "Both": {"Type": "Parallel", "Branches": [task("b"), task("{% $c %}")]},
            "Done": {"Type": "Succeed"}}});
        let found = tasks(&definition);
        let paths: Vec<String> = found.iter().map(|task| task.path.join(" ")).collect();
        assert_eq!(
            paths,
            [
                "States All ItemProcessor States T",
                "States Both Branches 0 States T",
                "States Both Branches 1 States T"
            ]
        );
        let (sql, path) = found[1].parameter("Sql").expect("a text");
        assert_eq!((sql, path.len()), ("b", 8));
        assert_eq!(found[2].parameter("Sql"), None);
    }
}
