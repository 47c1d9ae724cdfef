//! The engine over two SQLite files: planning, applying, and what must always hold.

mod deletes;
mod features;
mod fields;
mod groups;
mod leads;
mod matching;
mod operations;
mod queries;
mod world;
