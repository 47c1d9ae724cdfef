//! The engine over two SQLite files: planning, applying, and what must always hold.

mod by_hand;
mod conversion;
mod deletes;
mod features;
mod fields;
mod leads;
mod matching;
mod merging;
mod operations;
mod queries;
mod world;
