//! Packs the function's slim build into the program, where a release build names it (feature `embed`).

#[cfg(feature = "embed")]
#[path = "src/resources/package/pack.rs"]
mod pack;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "embed")]
    embed();
}

/// `SOPHOS_CT_BOOTSTRAP` is the slim build: an ELF named as it likes.
#[cfg(feature = "embed")]
fn embed() {
    const VARIABLE: &str = "SOPHOS_CT_BOOTSTRAP";
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    let path = std::env::var(VARIABLE)
        .unwrap_or_else(|_| panic!("feature `embed` needs {VARIABLE}: see scripts/release"));
    println!("cargo::rerun-if-changed={path}");
    let bootstrap = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let zip = pack::pack(&bootstrap).expect("memory takes a zip");
    let out = std::env::var("OUT_DIR").expect("Cargo sets OUT_DIR");
    std::fs::write(format!("{out}/forwarder.zip"), zip).expect("OUT_DIR takes a file");
}
