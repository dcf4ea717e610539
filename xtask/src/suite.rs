//! `check` and `test`: what must hold before a change lands.

use anyhow::Result;
use clap::Args;

use crate::postgres::Postgres;
use crate::run::{command, run, step};
use crate::{bench, browsers, generated, machine, tidy, web};

#[derive(Args)]
pub struct TestArguments {
    /// Only tests whose name contains this (Rust tests only; skips the browsers)
    only: Option<String>,
}

/// Format, lints, tidy rules, types, generated files.
pub fn check() -> Result<()> {
    step("the client", web::build)?;
    check_built()
}

fn check_built() -> Result<()> {
    step("format", || run(command("cargo").args(["fmt", "--all", "--check"])))?;
    step("tidy", tidy::check)?;
    step("lints", || {
        run(command("cargo").args(["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    })?;
    step("generated files", generated::check)?;
    step("client checks", || web::pnpm("web", &["run", "check"]))
}

/// Everything.
pub fn test(arguments: &TestArguments) -> Result<()> {
    step("packages", machine::ensure)?;
    if let Some(only) = &arguments.only {
        let postgres = Postgres::start()?;
        return step("Rust tests", || rust_tests(&postgres, Some(only)));
    }
    step("the client", web::build)?;
    check_built()?;
    let postgres = step("PostgreSQL", Postgres::start)?;
    step("Rust tests", || rust_tests(&postgres, None))?;
    drop(postgres);
    step("instructions for each packet", || bench::instructions::instructions(false))?;
    step("client tests", || web::pnpm("web", &["run", "test"]))?;
    step("the room for other senses, and a full one", || web::pnpm("web", &["exec", "node", "e2e/senses.mjs"]))?;
    step("people in real browsers on the real binary", || {
        let binary = browsers::binary()?;
        let stories = ["journey", "check", "keyboard", "meeting", "room", "blur"];
        stories.iter().try_for_each(|story| run(command("node").arg(format!("web/e2e/{story}.mjs")).arg(&binary)))
    })?;
    step("unchanged LiveKit clients on the real binary", browsers::interop)
}

fn rust_tests(postgres: &Postgres, only: Option<&str>) -> Result<()> {
    let mut tests = command("cargo");
    tests.args(["test", "--workspace", "--no-fail-fast"]).args(only).env("KLOUD_TEST_POSTGRES", &postgres.url);
    run(&mut tests)
}
