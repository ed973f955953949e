//! Printed policies from which actions are taken.

use std::{collections::BTreeSet, sync::Mutex};

use serde_json::Value;

/// Calls `look` for each action, a few at a time, and returns everything that it finds wrong in one text.
pub fn for_each(
    actions: &BTreeSet<String>,
    look: impl Fn(&str) -> Option<String> + Sync,
) -> String {
    let queue = Mutex::new(actions.iter());
    let amiss = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some(action) = next else { return };
                    let found = look(action);
                    amiss.lock().unwrap().extend(found);
                }
            });
        }
    });
    amiss.into_inner().unwrap().join("\n\n")
}

/// A printed policy without one of its actions.
pub fn without(printed: &Value, missing: &str) -> String {
    let mut policy = printed.clone();
    for statement in policy["Statement"].as_array_mut().unwrap() {
        let list = statement["Action"].as_array_mut().unwrap();
        list.retain(|one| one != missing);
    }
    let allows = |statement: &Value| statement["Action"] != Value::Array(vec![]);
    policy["Statement"].as_array_mut().unwrap().retain(allows);
    policy.to_string()
}

/// The actions of a printed policy.
pub fn actions(printed: &Value) -> BTreeSet<String> {
    let statements = printed["Statement"].as_array().unwrap().iter();
    let lists = statements.flat_map(|statement| statement["Action"].as_array().unwrap());
    lists.map(|one| one.as_str().unwrap().to_owned()).collect()
}
