//! The functions of the language (language reference, section 6).
