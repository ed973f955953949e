//! Environments of Python, for the tools that judge templates and recipes.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::Command,
};

use super::succeeds;

/// The folder of a virtual environment with these packages, for which pip gets these options. It is made once, beside the sandbox's
/// own.
pub fn environment(name: &str, requirements: &str, options: &[&str]) -> PathBuf {
    let home = PathBuf::from(std::env::var_os("HOME").unwrap());
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.unwrap_or_else(|| home.join(".cache"));
    let cache = cache.join("sophos-ct");
    fs::create_dir_all(&cache).unwrap();
    // Another run of the tests may be making it.
    let lock = File::create(cache.join(format!("{name}.lock"))).unwrap();
    lock.lock().unwrap();
    let folder = cache.join(name);
    let complete = folder.join("complete");
    if fs::read_to_string(&complete).is_ok_and(|text| text == requirements) {
        return folder;
    }
    let mut python = Command::new("python3");
    succeeds(python.args(["-I", "-m", "venv", "--clear"]).arg(&folder));
    let file = folder.join("requirements.txt");
    fs::write(&file, requirements).unwrap();
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-I", "-m", "pip", "install", "--quiet", "--no-input"])
        .arg("--disable-pip-version-check")
        .args(options)
        .arg("--requirement")
        .arg(file);
    succeeds(&mut pip);
    fs::write(complete, requirements).unwrap();
    folder
}
