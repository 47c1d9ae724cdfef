//! scenario
mod text;
