//! The plan of a connection that does not exist yet looks the same each time.

use super::world::{journal, theirs};
use crate::{
    connection::{ConnectionId, fixture},
    plan::{Placeholder, setup},
};

#[test]
fn the_id_of_a_connection_that_does_not_exist_yet_is_a_placeholder() {
    for (name, design) in fixture::every_feed() {
        let shown = |id: ConnectionId| {
            let mut design = design.clone();
            design.id = id;
            let plan = setup(&design, &theirs(&design), journal(None));
            let placeholder = Placeholder::of(id, true);
            let steps = placeholder.in_steps(&plan.steps);
            let steps: Vec<_> = steps.iter().flat_map(|step| step.to_json()).collect();
            let documents = placeholder.in_documents(&plan.documents);
            format!("{steps:?} {documents:?}")
        };
        let one = shown(ConnectionId::random());
        assert_eq!(one, shown(ConnectionId::random()), "{name}");
        assert!(one.contains("SophosCt-<connection-id>-Invoke"), "{name}");
    }
}
