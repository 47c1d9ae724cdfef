//! bilateral keeps the records of two systems in step from rule files.
//!
//! The map of the house; data flows one way, and a room knows only those before it:
//!
//! [`value`] → [`schema`] → [`diagnostic`] → [`syntax`] → [`program`] → [`check`] → [`lint`] → [`store`] → [`ledger`] → [`plan`] →
//! [`apply`], and on the top floor [`scenario`] (rule tests), [`doc`] (a program as a document) and [`cli`].

pub mod apply;
pub mod check;
pub mod cli;
pub mod diagnostic;
pub mod doc;
pub mod ledger;
pub mod lint;
pub mod plan;
pub mod program;
pub mod scenario;
pub mod schema;
pub mod store;
pub mod syntax;
pub mod value;
