//! The engine over two SQLite files: planning, applying, and what must always hold.

mod alike;
mod alternatives;
mod batched;
mod by_hand;
mod conversion;
mod deletes;
mod expressions;
mod features;
mod fields;
mod groups;
mod leads;
mod lists;
mod matching;
mod merging;
mod one_way_runs;
mod operations;
mod queries;
mod triggers;
mod world;
