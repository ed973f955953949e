//! Generates a type for each message and, for release builds, the zip of the function's slim build.

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
    version();
    #[cfg(feature = "embed")]
    embed();
}

/// Sets `SOPHOS_CT_VERSION`: the version and, in a release, the commit that it is built from.
fn version() {
    const VARIABLE: &str = "SOPHOS_CT_COMMIT";
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    let mut version = std::env::var("CARGO_PKG_VERSION").expect("Cargo sets CARGO_PKG_VERSION");
    if let Ok(commit) = std::env::var(VARIABLE) {
        write!(version, " ({commit})").expect("a string takes text");
    }
    println!("cargo::rustc-env=SOPHOS_CT_VERSION={version}");
}

/// Writes `messages.rs`: for each message of the catalogue a struct of its arguments, and the macro `t!` with an arm for each
/// message. So the compiler finds a missing message, a missing argument and an unused message.
fn messages() {
    const CATALOGUE: &str = "src/ui/messages/en.ftl";
    const TRANSLATIONS: [&str; 1] = ["src/ui/messages/ja.ftl"];
    println!("cargo::rerun-if-changed={CATALOGUE}");
    let catalogue = read_catalogue(CATALOGUE);
    for translation in TRANSLATIONS {
        println!("cargo::rerun-if-changed={translation}");
        let faults = differences(&catalogue, &read_catalogue(translation));
        assert!(
            faults.is_empty(),
            "{translation}: {}",
            Vec::from_iter(faults.clone()).join(", ")
        );
    }
    let mut types = String::new();
    let mut arms = String::new();
    for (id, arguments) in catalogue {
        let name = camel_case(&id);
        let fields: String = arguments
            .iter()
            .map(|argument| format!("pub(crate) {argument}: String, "))
            .collect();
        let pairs: String = arguments
            .iter()
            .map(|argument| format!("(\"{argument}\", self.{argument}), "))
            .collect();
        // Which of these are used depends on the feature.
        let allowed = match id.strip_prefix("sandbox-") {
            None => "",
            Some("not-built") => "#[cfg_attr(feature = \"sandbox\", allow(dead_code))] ",
            Some(_) => "#[cfg_attr(not(feature = \"sandbox\"), allow(dead_code))] ",
        };
        writeln!(
            types,
            "{allowed}pub(crate) struct {name} {{ {fields}}}\n\
             {allowed}impl {name} {{ pub(crate) fn text(self) -> String {{ super::message(\"{id}\", &[{pairs}]) }} }}"
        )
        .expect("writing to a String cannot fail");
        writeln!(
            arms,
            "(\"{id}\" $(, $name:ident = $value:expr)* $(,)?) => {{ \
             $crate::ui::messages::of::{name} {{ $($name: ($value).to_string()),* }}.text() }};"
        )
        .expect("writing to a String cannot fail");
    }
    let text = format!("pub(crate) mod of {{ {types} }}\nmacro_rules! t {{ {arms} }}\n");
    write("messages.rs", text.as_bytes());
}

/// The arguments of each message.
type Catalogue = BTreeMap<String, BTreeSet<String>>;

/// Messages that one catalogue has and the other has not, or has with other arguments.
fn differences(one: &Catalogue, other: &Catalogue) -> BTreeSet<String> {
    let ids = one.keys().chain(other.keys());
    let faults = ids.filter(|id| one.get(*id) != other.get(*id));
    faults.cloned().collect()
}

/// Returns the messages of a catalogue with the arguments of each.
fn read_catalogue(path: &str) -> Catalogue {
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

/// Takes up an argument. The catalogues use nothing else of Fluent's but texts; anything else would be missed here.
fn of_inline(inline: &InlineExpression<&str>, arguments: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            arguments.insert(id.name.to_owned());
        }
        InlineExpression::StringLiteral { .. } => {}
        other => panic!("not an argument and not a text: {other:?}"),
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
