//! A stack whose function runs other code than the program's own.

use super::{NAME, is_refused, made_by_a_stack};
use crate::{
    crash::killed_after,
    support::{World, blocking, snapshot},
};

/// Deploys the same program packed in another way, as the stack's owner could; the zip is in `other.zip`. Returns the `CodeSha256` that
/// the program's own zip has.
fn deployed_otherwise(world: &World) -> String {
    let own = [
        "package",
        "--out",
        "own.zip",
        "--sandbox",
        "--format",
        "json",
    ];
    let own = world.run(&own).exits(0).json();
    let mut other = std::fs::read(world.home().join("own.zip")).unwrap();
    let comment = b"another";
    let length = other.len() - 2;
    other[length] = u8::try_from(comment.len()).unwrap();
    other.extend_from_slice(comment);
    std::fs::write(world.home().join("other.zip"), &other).unwrap();
    blocking(async {
        let update = world.aws().await.lambda.update_function_code();
        let code = aws_sdk_lambda::primitives::Blob::new(other);
        let update = update.function_name(NAME).zip_file(code);
        update.send().await.unwrap();
    });
    own["codeSha256"].as_str().unwrap().to_owned()
}

#[test]
fn other_code_is_refused_and_named_unless_it_is_given_too() {
    let world = World::new();
    made_by_a_stack(&world);
    let right = deployed_otherwise(&world);
    let error = is_refused(&world, 5);
    let message = error["message"].as_str().unwrap();
    for named in [right.as_str(), "package --out", "--forwarder"] {
        assert!(message.contains(named), "{named}: {message}");
    }
    let given = ["--adopt", "--forwarder", "other.zip"];
    world.setup("demo", &given).exits(0);
    // Later the owner may deploy what they like: it is said.
    let again = world.setup("demo", &[]).exits(0);
    assert!(again.stderr.contains("SHA-256"), "{}", again.stderr);
}

#[test]
fn an_adoption_of_other_code_goes_on_with_this_code() {
    let mut world = World::wired();
    made_by_a_stack(&world);
    deployed_otherwise(&world);
    world.wire().mend();
    let words = ["setup", "demo", "--adopt", "--forwarder", "other.zip"];
    killed_after(&world, 1, &[&words[..], &["--yes", "--no-input"]].concat());
    assert_eq!(snapshot::central(&world)[0]["resources"]["complete"], false);
    // On another machine there is no such file.
    world.move_house();
    let adopted = world.setup("demo", &[]).exits(0).json();
    assert_eq!(adopted["connection"]["resources"]["complete"], true);
}
