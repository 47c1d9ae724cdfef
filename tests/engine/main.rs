//! The engine over two SQLite files: planning, applying, and what must always hold.

mod features;
mod groups;
mod leads;
mod world;
