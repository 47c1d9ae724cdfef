//! The command `bilateral`: one file per command, and what they share.

mod console;
mod exit;
#[cfg(test)]
mod fixture;
mod header;
mod human;
mod interrupt;
mod json;
mod shapes;

pub fn main() -> std::process::ExitCode {
    std::process::ExitCode::from(64)
}
