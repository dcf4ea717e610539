//! Embeds the built client. Without one (a first `cargo build`), a page that says how to build it.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let dist = Path::new("../../web/dist");
    if dist.join("index.html").exists() {
        println!("cargo::rerun-if-changed=../../web/dist");
        memory_serve::load_directory("../../web/dist");
        return;
    }
    println!("cargo::rerun-if-changed=../../web");
    #[expect(clippy::disallowed_methods, reason = "a build script is told where to write")]
    let out = std::env::var("OUT_DIR").expect("cargo names the output folder");
    let stand_in = Path::new(&out).join("client");
    std::fs::create_dir_all(&stand_in).expect("the output folder can be written to");
    let page = "<!doctype html><title>Kloud</title><p>The client is not built. Run: cargo xtask start</p>";
    for name in ["index.html", "meeting.html"] {
        std::fs::write(stand_in.join(name), page).expect("the output folder can be written to");
    }
    memory_serve::load_directory(stand_in.to_str().expect("a path of text"));
}
