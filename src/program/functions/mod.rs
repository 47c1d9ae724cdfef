//! The functions of the language (language reference, section 6).

mod signatures;

pub use signatures::{Nulls, Param, ParamKind, ResultKind, Signature, signature};
