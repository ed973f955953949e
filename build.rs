//! Makes at build time: the messages as types and, for a release build, the function's slim build inside the program.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
    parser,
};

#[cfg(feature = "embed")]
#[path = "src/resources/package/pack.rs"]
mod pack;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    messages();
    #[cfg(feature = "embed")]
    embed();
}

/// Writes `messages.rs`: for each message of the catalogue a struct of its arguments, and the macro `t!` with an arm for each
/// message. So the compiler finds a missing message, a missing argument and an unused message.
fn messages() {
    const CATALOGUE: &str = "src/ui/messages/en.ftl";
    println!("cargo::rerun-if-changed={CATALOGUE}");
    let mut types = String::new();
    let mut arms = String::new();
    for (id, arguments) in catalogue(CATALOGUE) {
        let name = camel_case(&id);
        let fields: String = arguments
            .iter()
            .map(|argument| format!("pub(crate) {argument}: String, "))
            .collect();
        let pairs: String = arguments
            .iter()
            .map(|argument| format!("(\"{argument}\", self.{argument}), "))
            .collect();
        // Which of these are used depends on the feature `sandbox`.
        let allowed = if id.starts_with("sandbox-") {
            "#[allow(dead_code)] "
        } else {
            ""
        };
        writeln!(
            types,
            "{allowed}pub(crate) struct {name} {{ {fields}}}\n\
             {allowed}impl {name} {{ pub(crate) fn text(self) -> String {{ super::message(\"{id}\", &[{pairs}]) }} }}"
        )
        .expect("a String takes text");
        writeln!(
            arms,
            "(\"{id}\" $(, $name:ident = $value:expr)* $(,)?) => {{ \
             $crate::ui::messages::of::{name} {{ $($name: ($value).to_string()),* }}.text() }};"
        )
        .expect("a String takes text");
    }
    let text = format!("pub(crate) mod of {{ {types} }}\nmacro_rules! t {{ {arms} }}\n");
    write("messages.rs", text.as_bytes());
}

/// Returns the messages of a catalogue with the arguments of each.
fn catalogue(path: &str) -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let resource = parser::parse(text.as_str())
        .unwrap_or_else(|(_, errors)| panic!("{path} does not parse: {errors:?}"));
    let mut messages = BTreeMap::new();
    for entry in resource.body {
        if let Entry::Message(message) = entry {
            let id = message.id.name;
            let value = message
                .value
                .unwrap_or_else(|| panic!("{path}: {id} has no text"));
            let mut arguments = BTreeSet::new();
            of_pattern(&value, &mut arguments);
            let twice = messages.insert(id.to_owned(), arguments).is_some();
            assert!(!twice, "{path}: {id} is there twice");
        }
    }
    messages
}

fn of_pattern(pattern: &Pattern<&str>, arguments: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            match expression {
                Expression::Inline(inline) => of_inline(inline, arguments),
                Expression::Select { selector, variants } => {
                    of_inline(selector, arguments);
                    for variant in variants {
                        of_pattern(&variant.value, arguments);
                    }
                }
            }
        }
    }
}

fn of_inline(inline: &InlineExpression<&str>, arguments: &mut BTreeSet<String>) {
    if let InlineExpression::VariableReference { id } = inline {
        arguments.insert(id.name.to_owned());
    }
}

/// Turns `label-request-id` into `LabelRequestId`.
fn camel_case(id: &str) -> String {
    id.split('-')
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect()
}

/// Packs the slim build, an ELF file, from the path in `SOPHOS_CT_BOOTSTRAP`.
#[cfg(feature = "embed")]
fn embed() {
    const VARIABLE: &str = "SOPHOS_CT_BOOTSTRAP";
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    let path = std::env::var(VARIABLE)
        .unwrap_or_else(|_| panic!("feature `embed` needs {VARIABLE}: see scripts/release"));
    println!("cargo::rerun-if-changed={path}");
    let bootstrap = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let zip = pack::pack(&bootstrap).expect("memory takes a zip");
    write("forwarder.zip", &zip);
}

fn write(name: &str, content: &[u8]) {
    let out = std::env::var("OUT_DIR").expect("Cargo sets OUT_DIR");
    std::fs::write(format!("{out}/{name}"), content).expect("OUT_DIR takes a file");
}
