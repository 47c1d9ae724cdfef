//! The engine over two SQLite files: planning, applying, and what must always hold.

mod by_hand;
mod features;
mod leads;
mod world;
